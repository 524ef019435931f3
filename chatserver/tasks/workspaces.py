"""The directories in which tasks may work: the allowed ones and those below, but not through symbolic links."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chatserver.tasks.errors import WorkspaceRefusedError
from exporter.model.errors import cause_of


def allowed_workspace(requested: str, workspaces: Sequence[Path]) -> Path:
    """The real path of the requested directory, or of the first workspace by default. Raises WorkspaceRefusedError."""
    if not workspaces:
        raise WorkspaceRefusedError("No workspace is allowed; start the server with --workspace DIRECTORY.")
    roots = [root.absolute() for root in workspaces]
    try:
        directory = roots[0] / requested
        found = next(filter(None, (_below(root, directory) for root in roots)), None)
        if found is None or ".." in directory.parts:
            shown = ", ".join(map(str, roots))
            raise WorkspaceRefusedError(
                f"{requested!r} is outside the allowed workspaces ({shown}); use a directory in one of them."
            )
        if found.resolve(strict=True) != found:
            raise WorkspaceRefusedError(f"{requested!r} contains a symbolic link; use the real path.")
        if not found.is_dir():
            raise WorkspaceRefusedError(f"{str(found)!r} is not a directory; use one.")
    except (OSError, ValueError, RuntimeError) as error:  # missing, an invalid name, a loop of links
        raise WorkspaceRefusedError(
            f"The workspace {(requested or str(roots[0]))[:200]!r} cannot be used ({cause_of(error)})."
        ) from error
    return found


def _below(root: Path, directory: Path) -> Path | None:
    """The directory below the real path of a root, which may itself be a link; None where it is not below."""
    real = root.resolve(strict=True)
    for known in (root, real):
        if directory.is_relative_to(known):
            return real / directory.relative_to(known)
    return None
