"""Backups of what hookmeter has counted and stores: one archive, also while everything runs.

Each database in it is complete at one moment. Lines that are logged later are read again after a restore, by the
positions in the ledger, so that the totals are exact.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exporter.ledger.database_file import damage
from exporter.ledger.file import LedgerFile
from exporter.lifecycle.data_files import (
    LEDGER,
    NAMES,
    DataFilesError,
    copy_file,
    put_in_place,
    require_unused,
    stamp,
)
from exporter.model.durable import sync
from exporter.model.errors import cause_of

CONFIG = "config.toml"
MANIFEST = "manifest.json"
FORMAT = 1
KNOWN = (*NAMES, CONFIG)
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, what was set aside for it, and what was left as it is because it differs."""

    names: tuple[str, ...]
    set_aside: tuple[Path, ...]
    kept: tuple[str, ...] = ()


def write_backup(files: Mapping[str, Path], target: Path, *, as_directory: bool = False) -> Path:
    """Write files to an archive, by their names in it; in a directory, to one named after the time.

    Returns its path. Raises DataFilesError; an archive that is there is never replaced. A directory is made if need be.
    """
    named = f"hookmeter-{time.strftime('%Y%m%dT%H%M%S')}.tar.gz"
    path = target / named if as_directory or target.is_dir() else target
    if path.exists():
        raise DataFilesError(f"{path} exists; name another file, or a directory.")
    try:
        if as_directory:
            target.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.absolute().parent, prefix=f".{path.name}.") as directory:
            unfinished = Path(directory, path.name)
            _pack(files, Path(directory), unfinished)
            unfinished.rename(path)
    except OSError as error:
        raise DataFilesError(f"{path} cannot be written ({error.strerror}); name another file.") from error
    sync(path.absolute().parent)
    return path


def restore_backup(archive: Path, places: Mapping[str, Path]) -> Restored:
    """Put the files of an archive in their places; what is there is set aside. Raises UserError.

    All of it is checked first, and nothing that runs may use the files. Settings that are there stay.
    """
    data_dir = places[LEDGER].parent
    with ExitStack() as stack:
        stack.enter_context(LedgerFile(data_dir))
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=data_dir, prefix=".restore-")))
        names = _unpack(archive, directory)
        if missing := [name for name in names if name not in places]:
            raise DataFilesError(
                f"{archive} has {missing[0]}, but --database-url is not a file; restore that elsewhere."
            )
        for name in names:
            if name.endswith(".sqlite3") and places[name].exists():
                require_unused(places[name], may_be_damaged=True)
        kept = tuple(name for name in names if name == CONFIG and places[name].exists())
        return _put(directory, places, tuple(name for name in names if name not in kept), kept)


def _put(directory: Path, places: Mapping[str, Path], names: tuple[str, ...], kept: tuple[str, ...]) -> Restored:
    reason, aside = stamp("before-restore"), []
    for name in sorted(names, key=lambda each: each == LEDGER):  # the ledger last: without it, nothing is counted
        places[name].parent.mkdir(parents=True, exist_ok=True)
        staged = places[name].with_name(f".{name}.restored")
        copy_file(directory / name, staged)
        aside.append(put_in_place(staged, places[name], reason))
    return Restored(names, tuple(path for path in aside if path), kept)


def _pack(files: Mapping[str, Path], directory: Path, target: Path) -> None:
    present = {name: path for name, path in files.items() if path.is_file()}
    if LEDGER not in present:
        raise DataFilesError(
            f"there is no ledger to back up in {files[LEDGER].parent}; name its directory with --data-dir."
        )
    for name, path in present.items():
        copy_file(path, directory / name)
    manifest = {"format": FORMAT, "sha256": {name: _digest(directory / name) for name in present}}
    (directory / MANIFEST).write_text(json.dumps(manifest, indent=2))
    target.touch(mode=0o600)
    with tarfile.open(target, "w:gz", compresslevel=1) as archive:
        for name in (MANIFEST, *present):
            archive.add(directory / name, arcname=name)
    sync(target)


def _unpack(archive: Path, directory: Path) -> tuple[str, ...]:
    """Write the files of an archive to a directory, and return their names. Raises DataFilesError."""
    try:
        with tarfile.open(archive) as opened:
            for member in opened:
                if member.name not in {MANIFEST, *KNOWN} or not member.isfile():
                    raise DataFilesError(f"{archive} is not a backup of hookmeter: it has {member.name!r}.")
                content = opened.extractfile(member)
                if content:
                    with content, (directory / member.name).open("wb") as file:
                        shutil.copyfileobj(content, file)
        manifest = json.loads((directory / MANIFEST).read_text())
    except (OSError, tarfile.TarError, ValueError, EOFError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # that of damaged compression has none
            raise DataFilesError(f"{archive} cannot be unpacked to {directory.parent} ({cause_of(error)}).") from error
        reason, *_ = str(error).partition(":")  # tarfile adds what each kind of compression raises, over several lines
        raise DataFilesError(f"{archive} is not a backup of hookmeter, or is damaged ({reason}).") from error
    return _checked(archive, directory, manifest)


def _checked(archive: Path, directory: Path, manifest: Any) -> tuple[str, ...]:
    digests = manifest.get("sha256") if isinstance(manifest, dict) and manifest.get("format") == FORMAT else None
    if not isinstance(digests, dict) or LEDGER not in digests or not set(digests) <= set(KNOWN):
        raise DataFilesError(f"{archive} was written by another version of hookmeter; restore it with that one.")
    for name, digest in digests.items():
        path = directory / name
        if not path.is_file() or _digest(path) != digest:
            raise DataFilesError(f"{archive} is damaged: {name} is not as it was written.")
        if name.endswith(".sqlite3") and (found := damage(path)):
            raise DataFilesError(f"{archive} is damaged: {name} is corrupt ({found}).")
    return tuple(digests)


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            found.update(chunk)
    return found.hexdigest()
