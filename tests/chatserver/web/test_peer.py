"""Whose connection it is, of real ones."""

from __future__ import annotations

import os
import socket
import struct
import sys

import pytest

from chatserver.web import peer
from chatserver.web.peer import Ends, account_by_processes, account_of, is_own_account
from tests.chatserver.connections import connected
from tests.support.permissions import unprivileged_user

LOOPBACKS = (("127.0.0.1", socket.AF_INET), ("127.4.5.6", socket.AF_INET), ("::1", socket.AF_INET6))


def ends_of(client: socket.socket, ours: socket.socket) -> Ends:
    return Ends(client.getsockname()[:2], ours.getsockname()[:2])


@pytest.mark.parametrize(("address", "family"), LOOPBACKS)
def test_a_connection_of_this_account_is_its_own(address: str, family: socket.AddressFamily) -> None:
    with connected(address, family) as (client, ours):
        assert account_of(ends_of(client, ours)) == os.geteuid()
        assert account_by_processes(ends_of(client, ours)) == os.geteuid()
        assert is_own_account({"werkzeug.socket": ours})
        assert is_own_account({"gunicorn.socket": ours})


@pytest.mark.parametrize(("address", "family"), LOOPBACKS)
def test_a_connection_of_another_account_is_not(
    address: str, family: socket.AddressFamily, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unprivileged_user():
        account = os.geteuid()
        keeping = connected(address, family)
        client, ours = keeping.__enter__()
    assert account_of(ends_of(client, ours)) == account
    monkeypatch.setattr(os, "geteuid", lambda: account + 1)
    assert not is_own_account({"werkzeug.socket": ours})
    monkeypatch.undo()
    keeping.__exit__(None, None, None)


def test_a_client_of_ipv6_that_connects_to_ipv4_is_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket(socket.AF_INET6) as client:
        client.connect(("::ffff:127.0.0.1", listener.getsockname()[1]))
        ours, _ = listener.accept()
        with ours:
            assert account_of(Ends(ours.getpeername(), ours.getsockname())) == os.geteuid()


def test_who_has_closed_the_connection_is_nobody_although_the_system_shows_root() -> None:
    with connected() as (client, ours):
        ends = ends_of(client, ours)
        client.shutdown(socket.SHUT_WR)
        assert account_of(ends) == os.geteuid()  # it can still read the response
        client.close()
        assert account_of(ends) is None
        assert not is_own_account({"werkzeug.socket": ours})


def test_a_connection_that_was_reset_is_nobodys() -> None:
    with connected() as (client, ours):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        assert not is_own_account({"werkzeug.socket": ours})


def test_another_connection_from_the_same_port_is_not_taken_for_it() -> None:
    with connected() as (client, ours), connected() as (other, _):
        mixed = Ends(client.getsockname(), other.getpeername())
        assert account_of(mixed) is account_by_processes(mixed) is None
        assert ours.fileno() > 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is asked")
def test_where_the_kernel_does_not_answer_the_processes_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    with connected() as (client, ours):
        monkeypatch.setattr(peer, "NETLINK_SOCK_DIAG", 31)  # a family that there is not
        with pytest.raises(OSError, match="not supported"):
            peer.account_by_kernel(ends_of(client, ours))
        assert account_of(ends_of(client, ours)) == os.geteuid()


@pytest.mark.parametrize("found", [{}, {"werkzeug.socket": None}, {"gunicorn.socket": "socket"}])
def test_a_request_without_a_connection_is_nobodys(found: dict[str, object]) -> None:
    assert not is_own_account(found)
