import pytest

from exporter.web.listen_address import ListenAddress, ListenAddressError, parse_listen


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:9100", "127.0.0.1", 9100),
        (":9100", "", 9100),
        ("localhost:0", "localhost", 0),
        ("[::1]:65535", "::1", 65535),
        ("[fe80::1%eth0]:80", "fe80::1%eth0", 80),
    ],
)
def test_an_address_is_read_and_written_back(text: str, host: str, port: int) -> None:
    assert parse_listen(text) == ListenAddress(host, port)
    assert str(parse_listen(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9100",
        "localhost",
        "localhost:",
        "localhost:http",
        "a:65536",
        "a:-1",
        "::1:9100",
        "[::1]",
        "[a]:1",
        "http://a:1",
        "a b:1",
        "a:٣",
    ],
)
def test_an_invalid_address_is_refused_with_one_sentence(text: str) -> None:
    with pytest.raises(ListenAddressError) as caught:
        parse_listen(text)
    assert str(caught.value).startswith(f"invalid listen address {text!r}; use host:port such as 127.0.0.1:9100")
