"""Where Claude Code's transcripts lie: `<projects>/<project's slug>/<session>.jsonl`, sub-agents' in folders below."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import msgspec

from exporter.sources.files import LogFile, is_folder, log_file

TRANSCRIPT_SOURCE = "transcript"
SUFFIX = ".jsonl"
AGENT_PREFIX = "agent-"


class _Meta(msgspec.Struct, gc=False):
    """What Claude Code writes beside a sub-agent's transcript."""

    agentType: str = ""


META_DECODER = msgspec.json.Decoder(_Meta)


def project_folders(root: str) -> Iterator[str]:
    """The folders of a projects folder, one a project; a missing root has none. Raises OSError if it is unreadable."""
    try:
        with os.scandir(root) as entries:
            yield from [entry.path for entry in entries if is_folder(entry)]
    except (FileNotFoundError, NotADirectoryError):
        return


def transcripts(folder: str, failed: Callable[[OSError], None]) -> Iterator[LogFile]:
    """The transcripts in a project's folder and below; none where it has vanished.

    A folder that cannot be read is told to `failed`, and costs no other. Links to folders are not followed: they might
    lead round in a ring.
    """
    try:
        with os.scandir(folder) as entries:
            found = list(entries)
        files = [file for entry in found if entry.name.endswith(SUFFIX) and (file := log_file(folder, entry.name))]
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        failed(error)
        return
    yield from files
    for entry in found:
        if not entry.name.endswith(SUFFIX) and entry.is_dir(follow_symlinks=False):
            yield from transcripts(entry.path, failed)


def project_folder(transcript_path: str) -> str:
    """The project's folder that a hook's transcript_path lies in; empty where it is no path of a transcript."""
    folder = os.path.dirname(transcript_path)  # noqa: PTH120 - texts throughout
    is_one = transcript_path.endswith(SUFFIX) and os.path.isabs(transcript_path) and "\0" not in transcript_path  # noqa: PTH117
    return folder if is_one and folder != os.sep else ""


def agent_type(file: LogFile) -> str:
    """The type of the sub-agent whose transcript a file is, where a file beside it says so."""
    if not file.name.startswith(AGENT_PREFIX):
        return ""
    try:
        with open(f"{file.path.removesuffix(SUFFIX)}.meta.json", "rb") as meta:  # noqa: PTH123 - likewise
            return META_DECODER.decode(meta.read()).agentType
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return ""
