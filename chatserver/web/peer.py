"""The account that holds the other end of a connection on the loopback: /proc/net on Linux, elsewhere the processes."""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psutil

ROOT = 0
TABLES = ("tcp", "tcp6")
NO_SOCKET = b"0"  # the inode of a connection whose process has closed it


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
    try:
        return account_in_tables(ends) if sys.platform == "linux" else account_of_process(ends)
    except (OSError, psutil.Error):
        return None


def account_in_tables(ends: Ends, directory: Path = Path("/proc/net")) -> int | None:
    """The uid in the tables of TCP connections of Linux."""
    wanted = {(peer, ours) for peer, ours in zip(_entries(*ends.peer), _entries(*ends.ours), strict=True)}
    for table in TABLES:
        for line in (directory / table).read_bytes().splitlines():
            _, peer, ours, *others = line.split()
            if (peer, ours) in wanted and others[6] != NO_SOCKET:
                return int(others[4])
    return None


def account_of_process(ends: Ends) -> int | None:
    """The uid of the process that has the connection, among those whose connections the server may list."""
    for process in psutil.process_iter():
        try:
            if any((each.laddr, each.raddr) == ends for each in process.net_connections("tcp")):
                return process.uids().effective
        except psutil.Error:
            continue  # another account's, or it has ended
    return None


def _ends(environ: dict[str, Any]) -> Ends | None:
    connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if not isinstance(connection, socket.socket):
        return None
    try:
        return Ends(connection.getpeername()[:2], connection.getsockname()[:2])
    except OSError:
        return None  # the peer has gone


def _entries(address: str, port: int) -> Iterator[bytes]:
    """The end of a connection as the tables have it; one of IPv4 may be in both, since its socket may be of IPv6."""
    ip = ipaddress.ip_address(address)
    yield _entry(ip.packed, port)
    yield _entry(bytes(10) + b"\xff\xff" + ip.packed if ip.version == 4 else ip.packed, port)


def _entry(packed: bytes, port: int) -> bytes:
    words = struct.unpack(f"={len(packed) // 4}I", packed)  # in the byte order of the machine
    return f"{''.join(f'{word:08X}' for word in words)}:{port:04X}".encode()
