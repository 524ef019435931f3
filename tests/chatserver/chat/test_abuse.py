"""What no well-behaved client does ends in a clean close, and costs nobody else anything."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from chatserver.chat import connection, hub, packets
from chatserver.chat.frames import text_frame
from tests.chatserver.chat.people import People
from tests.chatserver.chat.raw_socket import BINARY, PING, QUERY, Closed, RawSocket, frame
from tests.chatserver.chat.servers import gunicorn
from tests.chatserver.chat.site import Site
from tests.e2e.processes import wait_for
from tests.fakes import claude

DEEP = '42["chat_message",' + "[" * 100_000
HUGE = '42["chat_message",{"message":"' + "x" * 1_100_000 + '"}]'
EVENT = '["chat_message",{"message":"x"}]'


@pytest.mark.parametrize(
    ("headers", "query", "code"),
    [
        ({}, "EIO=4&transport=polling", 0),
        ({}, "EIO=4", 0),
        ({}, "transport=websocket", 5),
        ({}, "EIO=3&transport=websocket", 5),
        ({}, "EIO=٤&transport=websocket".encode().decode("latin-1"), 5),
        ({}, QUERY + "&sid=abc", 1),
        ({"Sec-WebSocket-Key": None}, QUERY, 3),
        ({"Sec-WebSocket-Key": "short"}, QUERY, 3),
        ({"Sec-WebSocket-Key": "x" * 200}, QUERY, 3),
        ({"Sec-WebSocket-Version": None}, QUERY, 3),
        ({"Sec-WebSocket-Version": "12"}, QUERY, 3),
        ({"Upgrade": None}, QUERY, 3),
        ({"Connection": None}, QUERY, 3),
    ],
)
def test_a_handshake_that_cannot_be_is_refused_as_engine_io_does(
    site: tuple[str, Site], headers: Mapping[str, str | None], query: str, code: int
) -> None:
    with RawSocket(site[0], headers, query) as refused:
        assert refused.status == 400
        assert f'{{"code": {code}, "message": "' in refused.body()


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "OPTIONS", "DELETE"])
def test_no_other_method_opens_a_socket(site: tuple[str, Site], method: str) -> None:
    with RawSocket(site[0], method=method) as refused:
        assert refused.status in (200, 400, 405)


def test_pages_and_names_of_others_are_kept_out(url: str) -> None:
    with RawSocket(url, {"Origin": "https://evil.example"}) as refused:
        assert refused.status == 403
    with RawSocket(url, {"Host": "evil.example"}) as refused:
        assert refused.status == 421
    with RawSocket(url, {"Origin": "http://localhost:3000"}) as admitted:
        assert admitted.status == 101


def test_the_offer_to_deflate_is_not_taken_and_the_slash_does_not_matter(url: str) -> None:
    with RawSocket(url, {"Sec-WebSocket-Extensions": "permessage-deflate", "X-Odd": "\xe9\x80"}) as opened:
        assert opened.status == 101
        assert b"deflate" not in opened.head.lower()
        assert opened.packet().startswith('0{"sid":')


@pytest.mark.parametrize(
    ("bytes_sent", "code"),
    [
        (frame(b"42[NaN]"), 1007),
        (frame("42٣".encode() + EVENT.encode()), 1007),
        (frame("٤2".encode() + EVENT.encode()), 1007),
        (frame(b""), 1007),
        (frame(b"2probe"), 1007),
        (frame(b"5"), 1007),
        (frame(b"41-" + EVENT.encode()), 1007),
        (frame(b"451-" + EVENT.encode()), 1007),
        (frame(b"bAAAA"), 1007),
        (frame(b"42/admin," + EVENT.encode()), 1007),
        (frame(b"42" + b"[" * 15_000), 1007),
        (frame(b"42" + EVENT.encode()), 1007),
        (frame(b"4", BINARY), 1003),
        (frame(b"\xff\xfe"), 1007),
        (frame(b"x", rsv=4), 1002),
        (frame(b"x", opcode=3), 1002),
        (frame(b"x", masked=False), 1002),
        (frame(b"x", opcode=0), 1002),
        (frame(b"x" * 17_000), 1009),
        (b"\x81\xff" + (2**40).to_bytes(8) + bytes(4) + b"x" * 20_000, 1009),
        (frame(b"x" * 200, PING), 1002),
        (b"GET / HTTP/1.1\r\n\r\n" * 9, 1002),
        (frame(b"\x03", 8), 1002),
        (frame(b"", PING) * 1000, 1008),
        (frame(b"", final=False) + frame(b"", 0, final=False) * 1000, 1008),
    ],
)
def test_what_a_stranger_may_not_send_ends_with_its_code(url: str, bytes_sent: bytes, code: int) -> None:
    with RawSocket(url) as stranger:
        assert stranger.packet().startswith("0{")
        stranger.sock.sendall(bytes_sent)
        assert stranger.end().code == code
        assert stranger.is_cut()


@pytest.mark.parametrize(
    ("text", "code"),
    [(DEEP, 1007), (HUGE, 1009), ("40{}", 1007), ('42["x",' + "9" * 5000 + "]", 1007), ("42{}", 1007), ("41", 1000)],
)
def test_what_who_is_in_may_not_send_ends_with_its_code(url: str, token: str, text: str, code: int) -> None:
    with RawSocket(url) as member:
        member.join(token)
        member.send(text)
        assert member.end().code == code


def test_a_message_in_pieces_is_put_together_and_pings_come_between(url: str, token: str) -> None:
    with RawSocket(url) as member:
        member.join(token)
        text = '427["chat_message",{"message":"/help","more":"é"}]'.encode()
        for number, byte in enumerate(text):
            if number == 9:
                member.send(b"here", PING)
                assert member._frame() == (10, b"here")
            member.send(bytes([byte]), 0 if number else 1, final=number == len(text) - 1)
        while not (packet := member.packet()).startswith("437["):
            pass
        assert "commands" in packet


def test_an_unknown_namespace_is_refused_and_the_own_one_still_open(url: str, token: str) -> None:
    with RawSocket(url) as member:
        member.packet()
        member.send("40/admin,{}")
        assert member.packet() == '44/admin,{"message":"Invalid namespace"}'
        member.send('40{"token":"' + token + '","last_message_id":0}')
        assert member.packet().startswith("40{")


@pytest.mark.parametrize("last", ["x", -1, True, 1.5, 2**63, []])
def test_a_last_message_that_is_none_is_refused(site: tuple[str, Site], token: str, last: object) -> None:
    with RawSocket(site[0]) as member, pytest.raises(AssertionError):
        member.join(token, last_message_id=last)


def test_too_many_messages_close_the_socket(url: str, token: str) -> None:
    with RawSocket(url) as member:
        member.join(token)
        member.sock.sendall(frame(b'42["nonsense"]') * 300)
        assert member.end() == Closed(1008, "Too many messages at once.")


def test_who_never_connects_is_closed(site: tuple[str, Site], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.2)
    with RawSocket(site[0]) as stranger:
        assert stranger.end().reason == "No CONNECT packet arrived within 0 s."


def test_who_answers_pings_stays_and_who_does_not_is_closed(
    site: tuple[str, Site], token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packets, "PING_SECONDS", 0.2)
    monkeypatch.setattr(packets, "PONG_SECONDS", 0.4)
    with RawSocket(site[0]) as member:
        member.join(token)
        for _ in range(4):
            assert member.packet() == "2"
            member.send("3")
        assert member.end() == Closed(1008, "No pong arrived within 0 s.")


def test_whose_token_expires_is_put_out(
    site: tuple[str, Site], people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people.tokens, "_seconds", 1)
    with RawSocket(site[0]) as member:
        member.join(people.token("ann"))
        assert member.packet() == '42["chat_error",{"message":"The token has expired; log in again."}]'
        assert member.packet() == "41"
        assert member.end() == Closed(1008, "The token has expired; log in again.")


def test_who_is_revoked_elsewhere_is_put_out_at_the_next_look(
    site: tuple[str, Site], people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CHECK_SECONDS", 0.2)
    with RawSocket(site[0]) as member:
        member.join(people.token("ann"))
        people.users.change_password("ann", "another long password")
        assert "revoked" in member.packet()


def test_who_is_revoked_here_is_put_out_at_once(site: tuple[str, Site], people: People) -> None:
    url, served = site
    token = people.token("ann")
    identity = people.tokens.verify(token)
    with RawSocket(url) as member:
        member.join(token)
        served.tokens.revoke(identity.jti, identity.expires_us)
        assert "revoked" in member.packet()


def test_a_user_has_so_many_sockets_and_others_have_theirs(
    site: tuple[str, Site], people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "MAX_SOCKETS_PER_USER", 1)
    with RawSocket(site[0]) as first, RawSocket(site[0]) as second, RawSocket(site[0]) as other:
        first.join(people.token("ann"))
        other.join(people.token("bob"))
        second.packet()
        second.send('40{"token":"' + people.token("ann") + '"}')
        assert "connections already" in second.packet()
        assert second.end().code == 1008


def test_a_full_server_says_so(site: tuple[str, Site]) -> None:
    url, served = site
    served.hub.max_sockets = 1
    with RawSocket(url) as first:
        first.packet()
        with RawSocket(url) as second:
            assert second.status == 503
            assert b"retry-after" in second.head.lower()


def test_a_client_that_does_not_read_is_closed_and_others_still_receive(
    site: tuple[str, Site], people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, served = site
    monkeypatch.setattr(connection, "MAX_WAIT_SECONDS", 0.1)
    with RawSocket(url) as lazy, RawSocket(url) as other:
        lazy.join(people.token("ann"))
        other.join(people.token("ann"))
        user_id = people.user("ann").user_id
        for number in range(40):
            served.hub.send_to_user(user_id, text_frame(f'42["task_update",{{"n":{number},"x":"{"x" * 200_000}"}}]'))
            assert f'"n":{number},' in other.packet()
        with served.hub._changed:
            assert served.hub._changed.wait_for(lambda: served.hub.count == 1, 20)
        numbers = []
        while isinstance(packet := lazy.receive(), str):
            numbers.append(packet)
        assert all(packet.endswith('"}]') for packet in numbers)  # what came, came whole


def test_a_client_that_reads_too_slowly_is_closed_with_1013(
    site: tuple[str, Site], people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, served = site
    with RawSocket(url) as slow:
        slow.join(people.token("ann"))
        for number in range(60):
            served.hub.send_to_user(people.user("ann").user_id, text_frame(f'42["n",{number},"{"x" * 200_000}"]'))
        assert slow.end() == Closed(1013, "The client is too slow.")


def test_nothing_is_left_of_those_who_broke_off(site: tuple[str, Site], token: str) -> None:
    url, served = site
    before = threading.active_count()
    for _ in range(5):
        with RawSocket(url) as member:
            member.join(token)
            member.sock.sendall(frame(b"x" * 100)[:50])
    with served.hub._changed:
        assert served.hub._changed.wait_for(lambda: served.hub.count == 0, 10)
    wait_for(lambda: threading.active_count() <= before, "the threads of the sockets to end")


def test_sigterm_ends_sockets_with_1001(tmp_path: Path, sqlite: str, token: str) -> None:
    program = claude.install(tmp_path)
    with (
        gunicorn(tmp_path, sqlite, program) as (url, process),
        RawSocket(url) as member,
        RawSocket(url),
    ):
        member.join(token)
        os.kill(process.pid, signal.SIGTERM)
        assert member.end() == Closed(1001, "The server is shutting down.")
        assert process.wait(10) == 0
