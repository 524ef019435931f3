"""Synthetic transcripts, three quarters tool output as in real ones; seeded, so that every run reads the same."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.benchmarks import synthetic_logs

SESSIONS = 1_000
AGENTS_OF = (1, 0, 0, 1, 0, 0, 1, 0, 0, 0)  # how many sub-agents each session of a cycle has
MESSAGES = 24
STREAMED_LINES = (2, 2, 2, 3)
DAYS = 30
MESSAGES_AFTER_EACH_OTHER = timedelta(seconds=20)
LINES_AFTER_EACH_OTHER = timedelta(milliseconds=40)
OUTPUT_LENGTHS = (800, 7_000)
SAID_LENGTHS = (100, 700)
OLD, NEW = "2.0.76", "2.1.332"  # of the lines of one message, the first said less; now all say the same
PROJECTS = ("shop", "data-pipeline", "web", "infra")
MODELS = ("claude-opus-4-6", "claude-opus-4-6", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001")

SAID = (
    '{"parentUuid":"%(before)s","isSidechain":%(sidechain)s,%(agent)s"message":{"id":"%(message)s","type":"message",'
    '"role":"assistant","model":"%(model)s","content":[%(block)s],"stop_reason":"tool_use","stop_sequence":null,'
    '"usage":{"input_tokens":%(input)d,"cache_creation_input_tokens":%(written)d,"cache_read_input_tokens":%(read)d,'
    '"output_tokens":%(output)d,"output_tokens_details":{"thinking_tokens":0},"server_tool_use":'
    '{"web_search_requests":0,"web_fetch_requests":0},"service_tier":"standard","cache_creation":'
    '{"ephemeral_1h_input_tokens":%(hour)d,"ephemeral_5m_input_tokens":%(five)d},"inference_geo":"","iterations":[],'
    '"speed":"standard"},"stop_details":null},"apiBlockIndex":%(number)d,"requestId":"%(request)s",%(name)s'
    '"type":"assistant","uuid":"%(own)s","timestamp":"%(at)s","effort":"high","userType":"external","entrypoint":"cli",'
    '"cwd":"/home/dev/%(project)s","sessionId":"%(session)s","version":"%(version)s","gitBranch":"main"}\n'
)
HEARD = (
    '{"parentUuid":"%(before)s","isSidechain":%(sidechain)s,%(agent)s"promptId":"%(own)s","type":"user","message":'
    '{"role":"user","content":[{"tool_use_id":"toolu_%(message)s","type":"tool_result","content":%(text)s,'
    '"is_error":false}]},"uuid":"%(own)s","timestamp":"%(at)s","toolUseResult":{"stdout":%(text)s,"stderr":"",'
    '"interrupted":false,"isImage":false},"sourceToolAssistantUUID":"%(before)s","userType":"external",'
    '"entrypoint":"cli","cwd":"/home/dev/%(project)s","sessionId":"%(session)s","version":"%(version)s",'
    '"gitBranch":"main"}\n'
)
SPOKEN = '{"type":"text","text":%s}'
USED = '{"type":"tool_use","id":"toolu_%s","name":"Bash","input":{"command":%s,"description":"One step"}}'


@dataclass(frozen=True)
class Texts:
    """What tools put out and what the model says, as JSON strings."""

    outputs: list[str]
    said: list[str]


def write_transcripts(projects: Path, size: float) -> int:
    """Write the transcripts of so many times the usual sessions below a projects directory; how many files they are."""
    sessions = max(1, round(SESSIONS * size))
    rng = random.Random(sessions)
    texts = Texts(synthetic_logs.texts(*OUTPUT_LENGTHS), synthetic_logs.texts(*SAID_LENGTHS))
    now, files = datetime.now(UTC), 0
    for number in range(sessions):
        begin = now - timedelta(days=DAYS) * ((sessions - number) / sessions) - MESSAGES * MESSAGES_AFTER_EACH_OTHER
        files += _write_session(projects, rng, texts, begin, number)
    return files


def _write_session(projects: Path, rng: random.Random, texts: Texts, begin: datetime, number: int) -> int:
    """Write a session and its sub-agents; how many files they are."""
    session, project = _uuid(rng), PROJECTS[number % len(PROJECTS)]
    fields = {"session": session, "project": project, "sidechain": "false", "agent": "", "name": ""}
    fields["version"] = rng.choice((OLD, NEW))
    directory = projects / f"-home-dev-{project}"
    subagents = directory / session / "subagents"
    agents = AGENTS_OF[number % len(AGENTS_OF)]
    (subagents if agents else directory).mkdir(parents=True, exist_ok=True)
    (directory / f"{session}.jsonl").write_text("".join(_lines(rng, texts, begin, fields)))
    for _ in range(agents):
        agent = f"a{rng.getrandbits(64):016x}"
        named = {"sidechain": "true", "agent": f'"agentId":"{agent}",', "name": '"attributionAgent":"Explore",'}
        (subagents / f"agent-{agent}.jsonl").write_text("".join(_lines(rng, texts, begin, fields | named)))
        (subagents / f"agent-{agent}.meta.json").write_text(json.dumps({"agentType": "Explore"}))
    return 1 + agents


def _lines(rng: random.Random, texts: Texts, begin: datetime, fields: dict[str, str]) -> Iterator[str]:
    """The lines of one file: the model says something and uses a tool, which answers, and so on."""
    model, before = rng.choice(MODELS), _uuid(rng)
    for number in range(MESSAGES):
        at = begin + number * MESSAGES_AFTER_EACH_OTHER
        message = {**fields, **_message(rng, number), "model": model}
        lines = rng.choice(STREAMED_LINES)
        for line in range(lines):
            is_last = line == lines - 1
            block = (USED % (message["message"], rng.choice(texts.said))) if is_last else _spoken(rng, texts)
            says_less = fields["version"] == OLD and not is_last
            own, output = _uuid(rng), 1 + line if says_less else message["output"]
            at += LINES_AFTER_EACH_OTHER
            yield SAID % {
                **message, "before": before, "own": own, "at": _moment(at), "number": line, "block": block,
                "output": output,
            }  # fmt: skip
            before = own
        own, text = _uuid(rng), rng.choice(texts.outputs)
        yield HEARD % {**message, "before": before, "own": own, "at": _moment(at), "text": text}
        before = own


def _spoken(rng: random.Random, texts: Texts) -> str:
    return SPOKEN % rng.choice(texts.said)


def _message(rng: random.Random, number: int) -> dict[str, object]:
    """A message's ids, and usage like that of a session that keeps its prompt in the cache."""
    five, hour = rng.randrange(3_000), rng.randrange(2_000)
    return {
        "message": f"msg_{rng.getrandbits(96):024x}",
        "request": f"req_{rng.getrandbits(96):024x}",
        "input": rng.randrange(1, 200),
        "read": 15_000 + 2_500 * number,
        "written": five + hour,
        "five": five,
        "hour": hour,
        "output": rng.randrange(50, 2_000),
    }


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
