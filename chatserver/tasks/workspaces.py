"""The folders that tasks may work in: what was allowed, and what lies below it without a detour through a link."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chatserver.tasks.errors import WorkspaceRefusedError


def allowed_workspace(asked: str, workspaces: Sequence[Path]) -> Path:
    """The real folder that was asked for; the first of all where nothing was. Raises WorkspaceRefusedError."""
    if not workspaces:
        raise WorkspaceRefusedError("No workspace is allowed; start the server with --workspace FOLDER.")
    roots = [root.absolute() for root in workspaces]
    try:
        folder = roots[0] / asked
        found = next(filter(None, (_below(root, folder) for root in roots)), None)
        if found is None or ".." in folder.parts:
            shown = ", ".join(map(str, roots))
            raise WorkspaceRefusedError(f"{asked!r} is outside the allowed workspaces ({shown}); name a folder in one.")
        if found.resolve(strict=True) != found:
            raise WorkspaceRefusedError(f"{asked!r} leads through a link; name the folder itself.")
        if not found.is_dir():
            raise WorkspaceRefusedError(f"{str(found)!r} is no folder; name one.")
    except (OSError, ValueError, RuntimeError) as error:  # missing, a name that cannot be, a circle of links
        cause = getattr(error, "strerror", None) or str(error)
        raise WorkspaceRefusedError(
            f"The workspace {(asked or str(roots[0]))[:200]!r} cannot be used ({cause})."
        ) from error
    return found


def _below(root: Path, folder: Path) -> Path | None:
    """The folder by the real path of the root that it is in; which may itself be a link, as it was chosen so."""
    real = root.resolve(strict=True)
    for known in (root, real):
        if folder.is_relative_to(known):
            return real / folder.relative_to(known)
    return None
