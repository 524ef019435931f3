"""The account that holds the other end of a connection on the loopback: Linux is asked, elsewhere the processes are."""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
from typing import Any, NamedTuple

import psutil

ROOT = 0
# The messages of sock_diag(7), the interface behind `ss`: a header, then a request or an answer about one connection.
NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
NLM_F_REQUEST = 1
HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
REQUEST = struct.Struct("=BBBxI")  # family, protocol, extensions, states
CONNECTION = struct.Struct("!HH16s16s")  # both ports and addresses, the connection's own first
ANY_INTERFACE_AND_COOKIE = struct.pack("=III", 0, 2**32 - 1, 2**32 - 1)
ANSWER = struct.Struct("=4x48x12xII")  # uid, inode
ANY_STATE = 2**32 - 1
MAX_ANSWER_BYTES = 8192


class Ends(NamedTuple):
    """The addresses of a connection: the peer's and ours, each with its port."""

    peer: tuple[str, int]
    ours: tuple[str, int]


def is_own_account(environ: dict[str, Any]) -> bool:
    """Whether a request's connection is held by the account that runs the server, or by root, who may do anything."""
    ends = _ends(environ)
    return ends is not None and account_of(ends) in {os.geteuid(), ROOT}


def account_of(ends: Ends) -> int | None:
    """The uid that holds the peer's end of a connection; None if nobody on this machine does any more."""
    if sys.platform == "linux":
        try:
            return account_by_kernel(ends)
        except OSError:  # a kernel without sock_diag
            pass
    return account_by_processes(ends)


def account_by_kernel(ends: Ends) -> int | None:
    """The uid that Linux has for the peer's end. Raises OSError where it does not answer."""
    family = socket.AF_INET6 if ":" in ends.peer[0] else socket.AF_INET
    addresses = (socket.inet_pton(family, address).ljust(16, b"\0") for address, _ in ends)
    wanted = CONNECTION.pack(ends.peer[1], ends.ours[1], *addresses) + ANY_INTERFACE_AND_COOKIE
    request = REQUEST.pack(family, socket.IPPROTO_TCP, 0, ANY_STATE) + wanted
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_SOCK_DIAG) as netlink:
        netlink.send(HEADER.pack(HEADER.size + len(request), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 1, 0) + request)
        answer = netlink.recv(MAX_ANSWER_BYTES)
    _, kind, *_ = HEADER.unpack_from(answer)
    if kind != SOCK_DIAG_BY_FAMILY:
        _raise_unless_unknown(-struct.unpack_from("=i", answer, HEADER.size)[0])
        return None
    uid, inode = ANSWER.unpack_from(answer, HEADER.size)
    return uid if inode else None  # a process that has closed its end has left it to the kernel, which shows root


def account_by_processes(ends: Ends) -> int | None:
    """The uid of the process that has the connection, among those whose connections the server may list."""
    for process in psutil.process_iter():
        try:
            if any((each.laddr, each.raddr) == ends for each in process.net_connections("tcp")):
                return process.uids().effective
        except psutil.Error:
            continue  # another account's, or it has ended
    return None


def _raise_unless_unknown(number: int) -> None:
    """Raise an error of the kernel, unless it is that there is no such connection."""
    if number != errno.ENOENT:
        raise OSError(number, os.strerror(number))


def _ends(environ: dict[str, Any]) -> Ends | None:
    connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if not isinstance(connection, socket.socket):
        return None
    try:
        return Ends(connection.getpeername()[:2], connection.getsockname()[:2])
    except OSError:
        return None  # the peer has gone
