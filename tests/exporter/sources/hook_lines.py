"""Lines of hook logs and their records."""

import json

from exporter.model.records import HookRecord, Phase
from exporter.sources.hook_records import decode_line, read_record


def read(
    line: object, phase: Phase = Phase.EVENT, session: str = "directory", file_event: str = ""
) -> HookRecord | None:
    text = line if isinstance(line, bytes) else json.dumps(line).encode()
    return read_record(decode_line(text), phase, session, file_event)


def record(line: object, phase: Phase = Phase.END, session: str = "directory") -> HookRecord:
    found = read(line, phase, session)
    assert found is not None
    return found
