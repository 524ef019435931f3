"""Where Claude Code's transcripts are: `<projects>/<slug>/<session>.jsonl`, sub-agents' in directories below."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import msgspec

from exporter.sources.files import LogFile, is_directory, log_file

TRANSCRIPT_SOURCE = "transcript"
SUFFIX = ".jsonl"
AGENT_PREFIX = "agent-"


class _Meta(msgspec.Struct, gc=False):
    """What Claude Code writes beside a sub-agent's transcript."""

    agentType: str = ""


META_DECODER = msgspec.json.Decoder(_Meta)


def project_directories(root: str) -> Iterator[str]:
    """The directories below a projects directory, one per project; none if it is missing. Raises OSError."""
    try:
        with os.scandir(root) as entries:
            yield from [entry.path for entry in entries if is_directory(entry)]
    except (FileNotFoundError, NotADirectoryError):
        return


def transcripts(directory: str, failed: Callable[[OSError], None]) -> Iterator[LogFile]:
    """The transcripts in a project's directory and below; none where it has vanished.

    A directory that cannot be read is reported to `failed`, and costs no other. Links to directories are not followed:
    they might form a cycle.
    """
    try:
        with os.scandir(directory) as entries:
            found = list(entries)
        files = [file for entry in found if entry.name.endswith(SUFFIX) and (file := log_file(directory, entry.name))]
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        failed(error)
        return
    yield from files
    for entry in found:
        if not entry.name.endswith(SUFFIX) and entry.is_dir(follow_symlinks=False):
            yield from transcripts(entry.path, failed)


def project_directory(transcript_path: str) -> str:
    """The project's directory that a hook's transcript_path lies in; empty where it is no path of a transcript."""
    directory = os.path.dirname(transcript_path)  # noqa: PTH120 - texts throughout
    is_one = transcript_path.endswith(SUFFIX) and os.path.isabs(transcript_path) and "\0" not in transcript_path  # noqa: PTH117
    return directory if is_one and directory != os.sep else ""


def agent_type(file: LogFile) -> str:
    """The type of the sub-agent whose transcript a file is, where a file beside it says so."""
    if not file.name.startswith(AGENT_PREFIX):
        return ""
    try:
        with open(f"{file.path.removesuffix(SUFFIX)}.meta.json", "rb") as meta:  # noqa: PTH123 - likewise
            return META_DECODER.decode(meta.read()).agentType
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return ""
