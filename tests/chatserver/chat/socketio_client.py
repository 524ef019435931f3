"""The real socket.io-client from npm, in a node of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

TIMEOUT_SECONDS = 60.0
SCRIPT = Path(__file__).with_name("client.mjs")
VARIABLE = "HOOKMETER_TEST_SOCKETIO"
Happening = dict[str, Any]


class SocketIoClient:
    """Does what it is told, and keeps what happens until somebody takes it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._changed = threading.Condition()
        self._happened: list[Happening] = []
        self._numbers = count(1)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def do(self, deed: str, **more: object) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": deed, **more}) + "\n")
        self._process.stdin.flush()

    def connect(self, url: str, token: object = None, **auth: object) -> None:
        given = ({} if token is None else {"token": token}) | auth
        self.do("connect", url=url, auth=given)

    def connected(self, url: str, token: str, **auth: object) -> None:
        """Connect, and be in."""
        self.connect(url, token, **auth)
        self.take("connect")

    def say(self, message: object, session_id: object = None, **more: object) -> dict[str, Any]:
        """Send a chat_message: its acknowledgement."""
        payload = {"message": message} | ({} if session_id is None else {"session_id": session_id}) | more
        return self.emit("chat_message", payload)

    def emit(self, name: str, payload: object) -> dict[str, Any]:
        number = next(self._numbers)
        self.do("emit", name=name, payload=payload, ack=number)
        answer: dict[str, Any] = self.take("ack", lambda happened: happened["ack"] == number)["answer"]
        return answer

    def event(self, name: str, fits: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """The payload of the next event of a name that fits."""
        found = self.take("event", lambda happened: happened["name"] == name and fits(happened["payload"]))
        payload: dict[str, Any] = found["payload"]
        return payload

    def take(self, what: str, fits: Callable[[Happening], bool] = lambda _: True) -> Happening:
        """The first thing of a kind that has happened, or does yet; what came before it stays."""

        def find() -> Happening | None:
            return next((one for one in self._happened if one["what"] == what and fits(one)), None)

        with self._changed:
            found = self._changed.wait_for(find, TIMEOUT_SECONDS)
            assert found, f"no {what} of {self._happened}"
            self._happened.remove(found)
            return found

    def kept(self, name: str) -> list[dict[str, Any]]:
        """The payloads of the events of a name that nobody has taken."""
        with self._changed:
            return [one["payload"] for one in self._happened if one["what"] == "event" and one["name"] == name]

    def end(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(TIMEOUT_SECONDS)
        self._reader.join()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            with self._changed:
                self._happened.append(json.loads(line))
                self._changed.notify_all()


@contextmanager
def socketio_client() -> Iterator[SocketIoClient]:
    """A client that ends with the context; the test is skipped where there is none."""
    node, directory = shutil.which("node"), os.environ.get(VARIABLE)
    if node is None or directory is None:
        pytest.skip(f"socket.io-client is not installed; {VARIABLE} may name the directory of its node_modules")
    with subprocess.Popen(
        [node, SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={"PATH": os.environ["PATH"], VARIABLE: str(Path(directory).absolute())},
    ) as process:  # fmt: skip
        client = SocketIoClient(process)
        try:
            yield client
        finally:
            client.end()
