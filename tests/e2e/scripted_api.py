"""A Messages API on loopback that says what a script tells it: the only part of Claude Code that a test makes up.

A prompt names its script as `script:NAME`, and the answers since that prompt tell which turn is next: so a resumed
session goes on with the script of its new prompt, and a sub-agent follows the one that its own prompt names.
"""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

NAMED = re.compile(r"script:([\w-]+)")
NEWEST_TASK = "{task}"  # in the input of a call, the id of the background work that was launched last
NUMBERED_TASK = "{{task:{}}}"  # likewise, of the first one that was launched, the second, and so on
LAUNCHED = re.compile(r"(?:agentId: |with ID: )(\w+)")
USAGE = {"input_tokens": 1200, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 5000, "output_tokens": 80}
SUMMARY = "detailed summary of the conversation"
SEARCHES = 2
SEARCHED_USAGE = {**USAGE, "input_tokens": 9000, "server_tool_use": {"web_search_requests": SEARCHES}}
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


@dataclass(frozen=True)
class Use:
    """One tool call that the model asks for."""

    tool: str
    input: Mapping[str, object]


@dataclass(frozen=True)
class Script:
    """What the model asks for, turn by turn, before it says its last words; first it is overloaded, a few times.

    One that `stalls` begins to answer, and goes on only when the server is `released`.
    """

    turns: Sequence[Sequence[Use]]
    overloaded: int = 0
    usage: Mapping[str, object] = field(default_factory=lambda: USAGE)
    last_words: str = "Done."
    stalls: bool = False


class ScriptedApi(ThreadingHTTPServer):
    """The server; `asked` grows by the name of each tool that it has asked for. `headers` are those of every answer."""

    daemon_threads = True

    def __init__(self, scripts: Mapping[str, Script], host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), _Handler)
        self.scripts = dict(scripts)
        self.lock = threading.Lock()
        self.numbers = count(1)
        self.asked: list[str] = []
        self.headers: dict[str, str] = {}
        self.released = threading.Event()
        self.overloads = {name: script.overloaded for name, script in scripts.items()}

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.server_address[0]!s}:{self.server_port}"

    def add(self, name: str, script: Script) -> None:
        """Add a script."""
        self.scripts[name], self.overloads[name] = script, script.overloaded

    def answer(self, request: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        """The content blocks that come next; None for being overloaded."""
        name, turn = _place(request["messages"])
        script = self.scripts.get(name) if request.get("tools") else None
        with self.lock:
            if script and self.overloads[name]:
                self.overloads[name] -= 1
                return None
            if _searches_the_web(request):
                return [*_searches()]
            if not request.get("tools"):
                return [{"type": "text", "text": '{"ok": true}'}]  # what a prompt hook asks for
            if not script or turn >= len(script.turns) or _is_compaction(request):
                return [{"type": "text", "text": script.last_words if script else "Done."}]
            self.asked += [use.tool for use in script.turns[turn]]
            return [
                {"type": "tool_use", "id": f"toolu_{next(self.numbers):024d}", "name": use.tool, "input": given}
                for use, given in _with_inputs(script.turns[turn], request["messages"])
            ]

    def stalls(self, request: Mapping[str, Any]) -> bool:
        """Whether the answer to a request begins without an end."""
        script = self.scripts.get(_place(request["messages"])[0]) if request.get("tools") else None
        return bool(script and script.stalls)

    def usage(self, request: Mapping[str, Any]) -> Mapping[str, object]:
        """What the answer to a request is said to have used."""
        if _searches_the_web(request):
            return SEARCHED_USAGE
        script = self.scripts.get(_place(request["messages"])[0]) if request.get("tools") else None
        return script.usage if script else USAGE


@contextmanager
def scripted_api(scripts: Mapping[str, Script], host: str = "127.0.0.1") -> Iterator[ScriptedApi]:
    """A server that ends with the context."""
    with ScriptedApi(scripts, host) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ScriptedApi

    def do_HEAD(self) -> None:
        self._send("", "text/plain")

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if "count_tokens" in self.path:
            self._send(json.dumps({"input_tokens": 100}), "application/json")
        elif (content := self.server.answer(request)) is None:
            self._send(json.dumps(OVERLOADED), "application/json", 529)
        else:
            message = _message(f"msg_{uuid.uuid4().hex}", request["model"], content, self.server.usage(request))
            answer = "".join(_stream(message))
            stop = answer.index("event: content_block_stop") if self.server.stalls(request) else None
            self._send(answer, "text/event-stream", headers={"request-id": f"req_{uuid.uuid4().hex}"}, stop=stop)

    def log_request(self, *_: object) -> None:
        """Say nothing: requests are what is expected here."""

    def _send(
        self,
        body: str,
        content_type: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        stop: int | None = None,
    ) -> None:
        data = body.encode()
        self.send_response(status)
        for name, value in {**self.server.headers, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[:stop])
        if stop is not None:
            self.server.released.wait()


def _searches_the_web(request: Mapping[str, Any]) -> bool:
    """Whether it is the request that Claude Code's WebSearch makes: the API itself is to search."""
    return any(str(tool.get("type", "")).startswith("web_search") for tool in request.get("tools") or ())


def _is_compaction(request: Mapping[str, Any]) -> bool:
    """Whether Claude Code asks for a summary of the conversation, which it calls no tool for."""
    return SUMMARY in _text(request["messages"][-1]["content"])


def _searches() -> Iterator[dict[str, Any]]:
    """The content of an answer for which the API has searched the web."""
    for number in range(SEARCHES):
        name, found = f"srvtoolu_{number:020d}", {"title": "Tea", "url": "https://example.org/tea", "page_age": None}
        yield {"type": "server_tool_use", "id": name, "name": "web_search", "input": {"query": "tea"}}
        result = {"type": "web_search_result", "encrypted_content": "x", **found}
        yield {"type": "web_search_tool_result", "tool_use_id": name, "content": [result]}
    yield {"type": "text", "text": "Tea costs 3."}


def _place(messages: Sequence[Mapping[str, Any]]) -> tuple[str, int]:
    """The script that the last prompt names, and how many answers it has had."""
    answers = 0
    for message in reversed(messages):
        if message["role"] == "assistant":
            answers += 1
        elif found := NAMED.search(_text(message["content"])):
            return found[1], answers
    return "", 0


def _with_inputs(
    uses: Sequence[Use], messages: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Use, Mapping[str, object]]]:
    """The calls with their inputs, in which the newest background work is named."""
    for use in uses:
        launched, text = LAUNCHED.findall(json.dumps(messages)), json.dumps(use.input)
        if NEWEST_TASK in text:
            text = text.replace(NEWEST_TASK, launched[-1])
        for number, task in enumerate(dict.fromkeys(launched)):
            text = text.replace(NUMBERED_TASK.format(number), task)
        yield use, json.loads(text)


def _text(content: str | Sequence[Mapping[str, Any]]) -> str:
    """What a person wrote; the results of tools are no part of it."""
    return content if isinstance(content, str) else " ".join(block.get("text", "") for block in content)


def _message(
    message_id: str, model: str, content: Sequence[Mapping[str, Any]], usage: Mapping[str, object]
) -> dict[str, Any]:
    return {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": "tool_use" if content[0]["type"] == "tool_use" else "end_turn",
        "stop_sequence": None,
        "usage": usage,
    }


def _stream(message: Mapping[str, Any]) -> Iterator[str]:
    """The message as the server-sent events that the CLI asks for."""
    usage = message["usage"]
    begun = {**usage, "output_tokens": 1}
    yield _event("message_start", message={**message, "content": [], "stop_reason": None, "usage": begun})
    for index, block in enumerate(message["content"]):
        delta: dict[str, Any] | None = None
        if block["type"] == "text":
            start, delta = {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}
        elif "input" in block:
            start = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        else:
            start = block
        yield _event("content_block_start", index=index, content_block=start)
        if delta:
            yield _event("content_block_delta", index=index, delta=delta)
        yield _event("content_block_stop", index=index)
    yield _event("message_delta", delta={"stop_reason": message["stop_reason"]}, usage=usage)
    yield _event("message_stop")


def _event(name: str, **fields: object) -> str:
    return f"event: {name}\ndata: {json.dumps({'type': name, **fields})}\n\n"
