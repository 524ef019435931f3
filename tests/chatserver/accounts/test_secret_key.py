"""The key that tokens are signed with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chatserver.accounts.key_handover import MAX_BYTES, VARIABLE, leave_key, take_key
from chatserver.accounts.secret_key import FILE_NAME, MIN_BYTES, SecretKeyError, given_key, stored_key

LONG = "k" * MIN_BYTES
PROCESSES = 6


@pytest.mark.parametrize("production", [True, False])
def test_the_key_that_is_handed_over_is_used_and_not_handed_on(production: bool) -> None:
    leave_key(LONG.encode())
    assert given_key(None, production=production) == LONG.encode()
    assert take_key() is None


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_file_takes_precedence_and_may_end_with_a_newline(tmp_path: Path, end: str) -> None:
    (tmp_path / "key").write_text(f"{LONG}{end}")
    leave_key(b"another key")
    assert given_key(tmp_path / "key", production=True) == LONG.encode()
    assert take_key() is None


@pytest.mark.parametrize("key", ["", "tiny!", "k" * (MIN_BYTES - 1)])
@pytest.mark.parametrize("production", [True, False])
def test_a_short_key_is_refused_and_not_repeated(tmp_path: Path, key: str, production: bool) -> None:
    (tmp_path / "file").write_text(key)
    leave_key(key.encode())
    for file, where in ((None, VARIABLE), (tmp_path / "file", str(tmp_path / "file"))):
        with pytest.raises(SecretKeyError, match=f"{where} has {len(key)} bytes.*openssl rand") as refused:
            given_key(file, production=production)
        assert not key or key not in str(refused.value)
        leave_key(key.encode())
    take_key()


def test_a_key_that_is_too_long_is_refused(tmp_path: Path) -> None:
    leave_key(b"k" * (1 << 20))
    with pytest.raises(SecretKeyError, match=f"more than the {MAX_BYTES} bytes"):
        given_key(None, production=True)
    with pytest.raises(SecretKeyError, match=f"/dev/zero has more than the {MAX_BYTES} bytes"):
        given_key(Path("/dev/zero"), production=True)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SecretKeyError, match=r"missing cannot be read \(No such file or directory\); name another"):
        given_key(tmp_path / "missing", production=True)


def test_in_production_there_is_no_key_but_a_given_one() -> None:
    with pytest.raises(SecretKeyError, match=f"neither --secret-key-file nor {VARIABLE} is set.*openssl") as refused:
        given_key(None, production=True)
    assert "\n" not in str(refused.value)


def test_a_key_in_the_environment_of_the_process_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, LONG)
    with pytest.raises(SecretKeyError, match="use --secret-key-file FILE instead") as refused:
        given_key(None, production=False)
    assert LONG not in str(refused.value)


def test_in_development_a_key_is_made_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    key = stored_key(directory)
    assert len(key) >= MIN_BYTES
    assert stored_key(directory) == key
    assert stored_key(tmp_path / "other") != key
    assert [path.name for path in directory.iterdir()] == [FILE_NAME]
    assert (directory / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from chatserver.accounts.secret_key import stored_key;"
        "print('ready', flush=True);"
        "sys.stdin.readline(); print(stored_key(Path(sys.argv[1])).decode())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(PROCESSES)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    keys = {process.communicate(timeout=60)[0] for process in started}
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_key_that_others_could_read_is_used_no_more(tmp_path: Path) -> None:
    stored_key(tmp_path)
    (tmp_path / FILE_NAME).chmod(0o640)
    with pytest.raises(SecretKeyError, match="can be read by other users"):
        stored_key(tmp_path)


def test_a_key_file_that_holds_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.touch(0o600)
    with pytest.raises(SecretKeyError, match=r"has 0 bytes.*remove the file"):
        stored_key(tmp_path)


def test_a_directory_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SecretKeyError, match="cannot be used"):
        stored_key(tmp_path / "file" / "data")
