"""Packets of Engine.IO 4 and Socket.IO 5: decoding those of clients, and encoding those for them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from engineio import packet as engine
from socketio import packet as socket

PING_SECONDS = 25.0
PONG_SECONDS = 20.0
DEFAULT_NAMESPACE = "/"
MAX_INTEGER_CHARACTERS = 100
# What precedes the JSON: there the libraries would accept any Unicode digit.
HEAD = re.compile(r"[^\[{\"]*")


class MalformedPacketError(Exception):
    """The text is not a packet of Engine.IO 4 and Socket.IO 5; the message says why."""


@dataclass(frozen=True, slots=True)
class Connect:
    """A client joins a namespace, with its credentials."""

    namespace: str
    auth: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a client, which expects an answer if it has an `ack_id`."""

    namespace: str
    name: str
    arguments: tuple[Any, ...]
    ack_id: int | None


@dataclass(frozen=True, slots=True)
class Pong:
    """The client's answer to a ping."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The client disconnects."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An answer to an event; this server requests none."""


Packet: TypeAlias = Connect | Event | Pong | Disconnect | Acknowledgement


class _StrictJson:
    """JSON of RFC 8259, without NaN, and with integers of limited length."""

    @staticmethod
    def loads(text: str) -> Any:
        return json.loads(text, parse_constant=_refuse_constant, parse_int=_bounded_integer)

    dumps = staticmethod(json.dumps)


class _EnginePacket(engine.Packet):  # type: ignore[misc]  # the library has no types
    json = _StrictJson


class _SocketPacket(socket.Packet):  # type: ignore[misc]  # the library has no types
    json = _StrictJson
    uses_binary_events = False


def decode(text: str) -> Packet:
    """The packet in a client's message. Raises MalformedPacketError."""
    head = HEAD.match(text)
    if not head or not head[0].isascii() or not head[0][:1].isdigit():
        raise MalformedPacketError("A packet must start with its type, a digit.")
    try:
        packet = _EnginePacket(encoded_packet=text)
        if packet.packet_type == engine.MESSAGE and isinstance(packet.data, str):
            return _message(_SocketPacket(encoded_packet=packet.data))
    except (ValueError, RecursionError) as error:
        raise MalformedPacketError(
            "The packet cannot be decoded: its JSON is not valid, or nested too deeply."
        ) from error
    if packet.packet_type in _ENGINE:
        return _ENGINE[packet.packet_type]
    raise MalformedPacketError("Clients must not send packets of this type.")


def opened(connection_id: str, max_bytes: int) -> str:
    """The first packet of a connection, with its ping intervals and the size limit of messages."""
    handshake = {
        "sid": connection_id,
        "upgrades": [],
        "pingInterval": int(PING_SECONDS * 1000),
        "pingTimeout": int(PONG_SECONDS * 1000),
        "maxPayload": max_bytes,
    }
    return str(_EnginePacket(engine.OPEN, handshake).encode())


def ping() -> str:
    """The packet that asks for a pong."""
    return str(_EnginePacket(engine.PING).encode())


def connected(connection_id: str) -> str:
    """The packet that admits a client."""
    return _encode(_SocketPacket(socket.CONNECT, {"sid": connection_id}))


def refused(namespace: str, sentence: str) -> str:
    """The packet that refuses to admit a client."""
    return _encode(_SocketPacket(socket.CONNECT_ERROR, {"message": sentence}, namespace))


def event(name: str, payload: Mapping[str, Any]) -> str:
    """The packet of an event."""
    return _encode(_SocketPacket(socket.EVENT, [name, payload]))


def acknowledgement(ack_id: int, payload: Mapping[str, Any]) -> str:
    """The packet of the answer to a client's event."""
    return _encode(_SocketPacket(socket.ACK, [payload], id=ack_id))


def disconnected() -> str:
    """The packet that disconnects a client, which then does not reconnect by itself."""
    return _encode(_SocketPacket(socket.DISCONNECT))


def _encode(packet: _SocketPacket) -> str:
    return str(_EnginePacket(engine.MESSAGE, packet.encode()).encode())


def _message(packet: _SocketPacket) -> Packet:
    namespace = packet.namespace or DEFAULT_NAMESPACE
    if packet.attachment_count or packet.packet_type in (socket.BINARY_EVENT, socket.BINARY_ACK):
        raise MalformedPacketError("Binary data is not supported.")
    if packet.packet_type == socket.CONNECT:
        return Connect(namespace, packet.data if isinstance(packet.data, dict) else {})
    if packet.packet_type == socket.EVENT:
        return _event(namespace, packet)
    if packet.packet_type in _SOCKET:
        return _SOCKET[packet.packet_type]
    raise MalformedPacketError("Clients must not send packets of this type.")


def _event(namespace: str, packet: _SocketPacket) -> Event:
    if not isinstance(packet.data, list) or not packet.data or not isinstance(packet.data[0], str):
        raise MalformedPacketError("An event must be an array that starts with its name.")
    return Event(namespace, packet.data[0], tuple(packet.data[1:]), packet.id)


def _bounded_integer(text: str) -> int:
    if len(text) > MAX_INTEGER_CHARACTERS:
        raise ValueError("The integer is too long.")
    return int(text)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not valid JSON.")


_ENGINE: Mapping[int, Packet] = {engine.PONG: Pong(), engine.CLOSE: Disconnect()}
_SOCKET: Mapping[int, Packet] = {socket.DISCONNECT: Disconnect(), socket.ACK: Acknowledgement()}
