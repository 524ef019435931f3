"""The files that come with the package: boards, rules, configuration of the stack, and its documentation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

HERE = Path(__file__).parent
IN_WHEEL = HERE / "files"
REPOSITORY = HERE.parent
COMPOSE = "docker-compose.yml"
PACKAGES = ("exporter", "chatserver", "dashboards")
LEFT_OUT = frozenset({"__pycache__", "node_modules", "ui", "files"})  # no part of a package, or only of this one
IGNORED_SUFFIXES = frozenset({".png", ".pyc"})


def shipped_files() -> Path:
    """The directory of the files: a part of an installed package, or the repository. Raises click.ClickException."""
    for directory in (IN_WHEEL, REPOSITORY):
        if (directory / COMPOSE).is_file():
            return directory
    raise click.ClickException("this installation has no files of the stack; install hookmeter from its wheel")


def below(root: Path, *names: str) -> Iterator[Path]:
    """The files below directories of a root, and those that are named, as paths relative to the root."""
    for name in names:
        path = root / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix not in IGNORED_SUFFIXES:
                yield file.relative_to(root)


def package_files() -> Iterator[Path]:
    """The files of the packages themselves, from which an image is built, relative to the directory that has them."""
    for file in below(REPOSITORY, *PACKAGES):
        if LEFT_OUT.isdisjoint(file.parts):
            yield file


def write_files(directory: Path, texts: dict[Path, bytes], *, force: bool) -> int:
    """Write files below a directory, and return the number of those that changed. Raises click.ClickException.

    One that is there with another content is only replaced with `force`: somebody may have changed it.
    """
    changed = [path for path, text in texts.items() if not _has(directory / path, text)]
    if (edited := [path for path in changed if (directory / path).exists()]) and not force:
        others = f" and {len(edited) - 1} more" if len(edited) > 1 else ""
        raise click.ClickException(
            f"{directory / edited[0]}{others} would change; to replace what is there, add --force"
        )
    try:
        for path in changed:
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_bytes(texts[path])
            if path.suffix == ".sh":
                (directory / path).chmod(0o755)
    except OSError as error:
        # A write to a full disk has no name in its error.
        text = f"{error.filename or directory} cannot be written ({error.strerror}); choose another directory"
        raise click.ClickException(text) from error
    return len(changed)


def _has(path: Path, text: bytes) -> bool:
    try:
        return path.read_bytes() == text
    except OSError:
        return False
