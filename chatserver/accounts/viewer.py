"""On whose behalf something is read or changed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person with their rights: a user sees and changes their own tasks, an admin all.

    Once `tokens_valid_from_us` is no longer that of the user, the person has been logged out.
    """

    user_id: str
    is_admin: bool = False
    tokens_valid_from_us: int = field(default=0, compare=False)


LOCAL_ADMIN = Viewer("local", is_admin=True)
"""A person at this machine who has not logged in: on the command line, and at the dashboard in development."""
