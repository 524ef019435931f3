import pytest

from chatserver.web.loopback import LOOPBACK_HOSTS, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost", "LOCALHOST"])
def test_this_machine_alone_reaches_its_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", "localhost.example.org", ""])
def test_other_hosts_can_be_reached_from_elsewhere(host: str) -> None:
    assert not is_loopback(host)


def test_every_loopback_name_of_a_host_header_is_loopback() -> None:
    assert all(is_loopback(host.strip("[]")) for host in LOOPBACK_HOSTS)
