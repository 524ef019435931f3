"""Reads events of Claude Code's payload whose fields all have their usual names, in less than half the time.

Any other line is left to `hook_records`, which gives the same record for these lines, too; a test compares them.
"""

from __future__ import annotations

import msgspec

from exporter.model.records import MAIN_AGENT, UNNAMED_AGENT, HookRecord, Phase
from exporter.sources.background import notified
from exporter.sources.formats import PAYLOAD_EVENT
from exporter.sources.hook_records import PHASES, UNDECODABLE
from exporter.sources.projects import project_of
from exporter.sources.prompts import encoded_text, hook_prompt, schedule
from exporter.sources.timestamps import to_us

DECODER = msgspec.json.Decoder(PAYLOAD_EVENT)
PROMPT = "UserPromptSubmit"
# The events that are neither calls nor lists of calls, with their phases.
EVENTS = {
    name: PHASES.get(name, Phase.EVENT)
    for name in (
        "Notification", PROMPT, "SessionEnd", "SessionStart", "Stop", "StopFailure", "SubagentStart", "SubagentStop",
    )
}  # fmt: skip


def payload_event(text: bytes) -> HookRecord | None:
    """The record of a line; None if the line may be anything else than one of `EVENTS` with its usual names."""
    try:
        line = DECODER.decode(text)
    except UNDECODABLE:
        return None
    phase = EVENTS.get(line.event)
    if phase is None:
        return None
    prompt = encoded_text(line.prompt) if line.event == PROMPT else None
    return HookRecord(
        phase,
        line.event,
        line.session,
        to_us(line.time),
        agent_id=line.agent_id,
        agent=(line.agent or UNNAMED_AGENT) if line.agent_id else MAIN_AGENT,
        project=project_of(line.project_dir, line.cwd, line.transcript_path),
        transcript=line.transcript_path,
        detail=line.source or line.trigger or line.reason or line.notification_type,
        turn=line.turn,
        prompt=None if prompt is None else hook_prompt(prompt),
        schedule=schedule(line.session_crons) if line.session_crons else (),
        task_ends=notified(prompt) if prompt else (),
    )
