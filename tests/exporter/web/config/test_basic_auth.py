import asyncio
import base64
import logging
from pathlib import Path

import bcrypt
import pytest

from exporter.web.config.basic_auth import MAX_WAITING, BasicAuth, TooManyChecksError, parse_basic
from exporter.web.http.server import MetricsServer
from tests.exporter.web.client import connect, get, read_reply, request_bytes
from tests.exporter.web.conftest import METRICS, Serve

PASSWORD = "correct horse"


def hashed(password: str, rounds: int = 4) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds)).decode()


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def write_users(directory: Path, **users: str) -> Path:
    path = directory / "web.yml"
    path.write_text("basic_auth_users:\n" + "".join(f"  {name}: {value}\n" for name, value in users.items()))
    return path


def status(server: MetricsServer, authorization: str) -> int:
    return get(server, headers={"Authorization": authorization}).status


@pytest.mark.parametrize("path", ["/", "/metrics", "/-/healthy", "/-/ready", "/x"])
def test_every_path_requires_a_password(serve: Serve, tmp_path: Path, path: str) -> None:
    server = serve(config=write_users(tmp_path, ada=hashed(PASSWORD)))
    reply = get(server, path)
    assert (reply.status, reply.headers["www-authenticate"]) == (401, 'Basic realm="hookmeter"')
    assert get(server, path, {"Authorization": basic("ada", PASSWORD)}).status == (404 if path == "/x" else 200)


def test_no_users_means_no_password(serve: Serve, tmp_path: Path) -> None:
    assert get(serve(config=write_users(tmp_path))).status == 200


@pytest.mark.parametrize("prefix", ["$2a$", "$2b$", "$2y$"])
def test_the_right_password_is_accepted_with_every_prefix_of_bcrypt(serve: Serve, tmp_path: Path, prefix: str) -> None:
    server = serve(config=write_users(tmp_path, ada=prefix + hashed(PASSWORD)[4:], bob=hashed("other")))
    assert status(server, basic("ada", PASSWORD)) == 200
    assert status(server, basic("ada", PASSWORD).replace("Basic", "basic")) == 200


@pytest.mark.parametrize(
    "authorization",
    [
        basic("ada", "wrong"),
        basic("ada", "other"),
        basic("ada", ""),
        basic("", ""),
        basic("Ada", PASSWORD),
        basic("eve", PASSWORD),
        basic("ada", "x" * 73),
        basic("ada", "é" * 40),
        basic("ada", f"{PASSWORD}\0"),
        basic("ada", PASSWORD).replace("Basic", "Bearer"),
        "Basic",
        "Basic !",
        "Basic " + base64.b64encode(b"ada").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
    ],
)
def test_everything_else_is_refused(serve: Serve, tmp_path: Path, authorization: str) -> None:
    server = serve(config=write_users(tmp_path, ada=hashed(PASSWORD), bob=hashed("other")))
    assert status(server, authorization) == 401


def test_a_password_of_72_bytes_is_accepted_and_a_longer_one_is_not(serve: Serve, tmp_path: Path) -> None:
    server = serve(config=write_users(tmp_path, ada=hashed("x" * 72)))
    assert (status(server, basic("ada", "x" * 72)), status(server, basic("ada", "x" * 73))) == (200, 401)


def test_a_verified_password_costs_no_second_check() -> None:
    async def check_times(count: int) -> int:
        auth, users = CountingAuth(), {"ada": hashed(PASSWORD)}
        for _ in range(count):
            assert await auth.allows(users, basic("ada", PASSWORD))
        auth.close()
        return auth.checks

    assert asyncio.run(check_times(5)) == 1


def test_a_wrong_password_costs_a_check_each_time_and_so_does_an_unknown_user() -> None:
    async def check(authorization: str) -> int:
        auth, users = CountingAuth(), {"ada": hashed(PASSWORD)}
        for _ in range(3):
            assert not await auth.allows(users, authorization)
        auth.close()
        return auth.checks

    assert asyncio.run(check(basic("ada", "wrong"))) == 3
    assert asyncio.run(check(basic("eve", PASSWORD))) == 3


class CountingAuth(BasicAuth):
    checks = 0

    async def _check(self, password: bytes, hashed: bytes) -> bool:
        self.checks += 1
        return await super()._check(password, hashed)


def test_a_changed_password_applies_at_once_even_on_an_open_connection(serve: Serve, tmp_path: Path) -> None:
    server = serve(config=write_users(tmp_path, ada=hashed(PASSWORD)))
    old, new = ({"Authorization": basic("ada", password)} for password in (PASSWORD, "new"))
    with connect(server) as sock:
        for headers, expected in ((old, 200), (new, 401)):
            sock.sendall(request_bytes("/metrics", headers=headers))
            assert read_reply(sock).status == expected
        write_users(tmp_path, ada=hashed("new"))
        for headers, expected in ((old, 401), (new, 200)):
            sock.sendall(request_bytes("/metrics", headers=headers))
            assert read_reply(sock).status == expected


def test_an_invalid_file_refuses_everybody_until_it_is_fixed(
    serve: Serve, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_users(tmp_path, ada=hashed(PASSWORD))
    server = serve(config=path)
    path.write_text(f"basic_auth_users: {{ada: {PASSWORD}}}")
    for _ in range(2):
        reply = get(server, headers={"Authorization": basic("ada", PASSWORD)})
        assert (reply.status, reply.text) == (500, "The web configuration file is invalid: see hookmeter's log.\n")
    path.unlink()
    assert status(server, basic("ada", PASSWORD)) == 500
    write_users(tmp_path, ada=hashed(PASSWORD))
    assert status(server, basic("ada", PASSWORD)) == 200
    assert [record.message.rpartition(": ")[2][:20] for record in caplog.records] == [
        "entry 1 has no bcryp",
        "it cannot be read (N",
    ]
    assert PASSWORD not in caplog.text


def test_secrets_are_not_logged(serve: Serve, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = hashed(PASSWORD)
    server = serve(config=write_users(tmp_path, ada=secret))
    assert status(server, basic("ada", PASSWORD)) == 200
    assert status(server, basic("ada", "wrong horse")) == 401
    for text in (PASSWORD, secret, "wrong horse", basic("ada", PASSWORD)):
        assert text not in caplog.text
    assert PASSWORD not in repr(parse_basic(basic("ada", PASSWORD)))


def test_a_flood_of_wrong_passwords_is_refused_and_known_clients_are_served() -> None:
    async def flood() -> list[bool | BaseException]:
        auth, users = BasicAuth(), {"ada": hashed(PASSWORD), "bob": hashed("x", rounds=10)}
        assert await auth.allows(users, basic("ada", PASSWORD))
        guesses = [auth.allows(users, basic("bob", f"guess {number}")) for number in range(MAX_WAITING + 10)]
        guessing = asyncio.gather(*guesses, return_exceptions=True)
        await asyncio.sleep(0)
        assert await auth.allows(users, basic("ada", PASSWORD))
        assert not guessing.done()
        auth.close()
        return await guessing

    outcomes = asyncio.run(flood())
    assert [type(outcome) for outcome in outcomes[MAX_WAITING:]] == [TooManyChecksError] * 10


def test_a_check_does_not_delay_those_who_need_none(serve: Serve, tmp_path: Path) -> None:
    server = serve(config=write_users(tmp_path, ada=hashed(PASSWORD), bob=hashed("x", rounds=12)))
    assert status(server, basic("ada", PASSWORD)) == 200
    with connect(server) as guesser:
        guesser.sendall(request_bytes("/metrics", headers={"Authorization": basic("bob", "guess")}))
        assert get(server, headers={"Authorization": basic("ada", PASSWORD)}).body == METRICS[False]
        guesser.setblocking(False)
        with pytest.raises(BlockingIOError):
            guesser.recv(1)
        guesser.settimeout(10)
        assert read_reply(guesser).status == 401
