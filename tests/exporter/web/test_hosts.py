import pytest

from exporter.web.hosts import LOOPBACK_HOSTS, AllowedHosts, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost", "LOCALHOST"])
def test_this_machine_alone_reaches_its_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", "localhost.example.org", ""])
def test_other_hosts_can_be_reached_from_elsewhere(host: str) -> None:
    assert not is_loopback(host)


def test_every_loopback_name_of_a_host_header_is_loopback() -> None:
    assert all(is_loopback(host.strip("[]")) for host in LOOPBACK_HOSTS)


NAMES = ("evil.example", "evil.example:19464", "localhost.evil.example", "localhost:", "127.0.0.1.evil.example", "a, b")


@pytest.mark.parametrize("listen", ["127.0.0.1", "::1", "localhost"])
def test_on_the_loopback_only_addresses_and_localhost_are_allowed(listen: str) -> None:
    hosts = AllowedHosts(listen, ())
    for header in ("localhost", "LOCALHOST:19464", "127.0.0.1:1", "[::1]", "[::1]:19464", "192.0.2.7:80", ""):
        assert hosts.allow(header)
    assert not any(map(hosts.allow, NAMES))


def test_where_others_can_connect_all_names_are_allowed() -> None:
    assert all(map(AllowedHosts("", ()).allow, (*NAMES, "exporter:19464")))


@pytest.mark.parametrize("listen", ["127.0.0.1", "0.0.0.0"])
def test_given_names_are_allowed_and_no_others(listen: str) -> None:
    hosts = AllowedHosts(listen, ("Metrics.example.org",))
    assert hosts.allow("metrics.example.org")
    assert hosts.allow("METRICS.example.org:8443")
    assert hosts.allow("localhost:19464")
    assert not any(map(hosts.allow, NAMES))
