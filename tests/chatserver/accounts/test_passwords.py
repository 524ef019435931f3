"""Passwords: what is taken, and what checking one costs whoever guesses."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import bcrypt
import pytest

from chatserver.accounts import passwords
from chatserver.accounts.passwords import MAX_PARALLEL, HashingBusyError, PasswordError, Passwords
from tests.chatserver.accounts.site import PASSWORD, ROUNDS


@pytest.fixture
def kept() -> Passwords:
    return Passwords(ROUNDS)


def test_only_the_password_itself_matches(kept: Passwords) -> None:
    hashed = kept.hash(PASSWORD, "ann")
    assert PASSWORD not in hashed
    assert kept.matches(PASSWORD, hashed)
    assert not kept.matches(PASSWORD + " ", hashed)
    assert not kept.matches(PASSWORD.upper(), hashed)
    assert not kept.matches("", hashed)


def test_the_same_password_is_hashed_differently_each_time(kept: Passwords) -> None:
    assert kept.hash(PASSWORD, "ann") != kept.hash(PASSWORD, "ann")


def test_hashes_cost_what_is_usual() -> None:
    assert Passwords().hash(PASSWORD, "ann").startswith("$2b$12$")


@pytest.mark.parametrize(
    ("password", "advice"),
    [
        ("seven77", "at least 8 characters"),
        ("", "at least 8 characters"),
        ("x" * 73, "at most 72 bytes"),
        ("ä" * 37, "at most 72 bytes"),
        ("long enough\0", "control character"),
        ("long enough\n", "control character"),
        ("long enough\ud800", "control character"),
    ],
)
def test_what_bcrypt_would_cut_or_nobody_can_type_is_refused(kept: Passwords, password: str, advice: str) -> None:
    with pytest.raises(PasswordError, match=advice) as refused:
        kept.hash(password, "ann")
    assert not password or password not in str(refused.value)


@pytest.mark.parametrize(
    ("password", "advice"),
    [
        ("password1", "most common"),
        ("P@ssw0rd", "most common"),
        ("Iloveyou ", "most common"),
        ("12345678", "most common"),
        ("ann.lee@example.org", "is the user name"),
        ("ANN.LEE@example.org", "is the user name"),
    ],
)
def test_a_password_that_anybody_tries_first_is_refused_in_one_sentence(
    kept: Passwords, password: str, advice: str
) -> None:
    with pytest.raises(PasswordError, match=advice) as refused:
        kept.hash(password, "ann.lee@example.org")
    assert str(refused.value).count(".") == 1
    assert password not in str(refused.value)


def test_a_password_that_was_common_when_it_was_chosen_still_works(kept: Passwords) -> None:
    assert kept.matches("password", bcrypt.hashpw(b"password", bcrypt.gensalt(ROUNDS)).decode())


def test_72_bytes_are_all_looked_at(kept: Passwords) -> None:
    hashed = kept.hash("ä" * 36, "ann")
    assert kept.matches("ä" * 36, hashed)
    assert not kept.matches("ä" * 35 + "ö", hashed)
    assert not kept.matches("ä" * 36 + "x", hashed)


def test_accents_may_be_composed_as_a_keyboard_likes(kept: Passwords) -> None:
    assert kept.matches("cafe\u0301 creme", kept.hash("caf\u00e9 creme", "ann"))


def test_a_password_that_is_no_text_matches_nothing(kept: Passwords) -> None:
    assert not kept.matches("\ud800" * 11, kept.hash("??? ??? ???", "ann"))


def test_without_a_hash_nothing_matches_and_as_much_is_computed(
    kept: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[bytes] = []
    real = bcrypt.checkpw

    def counted(password: bytes, hashed: bytes) -> bool:
        computed.append(hashed)
        return real(password, hashed)

    hashed = kept.hash(PASSWORD, "ann")
    monkeypatch.setattr(bcrypt, "checkpw", counted)
    assert not kept.matches(PASSWORD, None)
    assert not kept.matches("wrong password", hashed)
    assert [one[:7] for one in computed] == [b"$2b$04$"] * 2
    assert len({len(one) for one in computed}) == 1


def test_no_more_than_two_are_hashed_at_once(kept: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, threading.Lock()
    both_run = threading.Barrier(MAX_PARALLEL)
    real = bcrypt.checkpw

    def watched(password: bytes, hashed: bytes) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        both_run.wait(10)
        with lock:
            running -= 1
        return real(password, hashed)

    hashed = kept.hash(PASSWORD, "ann")
    monkeypatch.setattr(bcrypt, "checkpw", watched)
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: kept.matches(PASSWORD, hashed), range(8)))
    assert most == MAX_PARALLEL


def test_a_login_that_would_wait_for_long_is_refused(kept: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    entered, go_on = threading.Semaphore(0), threading.Event()

    def held(password: bytes, hashed: bytes) -> bool:
        entered.release()
        return go_on.wait(10)

    monkeypatch.setattr(passwords, "MAX_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(bcrypt, "checkpw", held)
    with ThreadPoolExecutor(MAX_PARALLEL) as pool:
        waiting = [pool.submit(kept.matches, PASSWORD, None) for _ in range(MAX_PARALLEL)]
        for _ in waiting:
            assert entered.acquire(timeout=10)
        with pytest.raises(HashingBusyError):
            kept.matches(PASSWORD, None)
        go_on.set()
    assert [one.result() for one in waiting] == [False, False]


HASHING_BESIDE_GREENLETS = """
from gevent import monkey; monkey.patch_all()
import gevent
from chatserver.accounts.passwords import Passwords
kept, ticks = Passwords(10), 0
hashing = [gevent.spawn(kept.hash, 'correct horse battery', 'ann') for _ in range(6)]
while not all(one.ready() for one in hashing):
    gevent.sleep(0.001)
    ticks += 1
print(ticks > 6, all(kept.matches('correct horse battery', one.get()) for one in hashing))
"""


def test_greenlets_run_on_while_passwords_are_hashed() -> None:
    command = [sys.executable, "-c", HASHING_BESIDE_GREENLETS]
    assert subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout == "True True\n"
