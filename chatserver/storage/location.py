"""Where the server's database is."""

from __future__ import annotations

from pathlib import Path

FILE_NAME = "server.sqlite3"
POSTGRES = "postgresql+psycopg"


def database_url(chosen: str | None, data_dir: Path) -> str:
    """The URL of the database as SQLAlchemy expects it; by default that of a file in the data directory."""
    if not chosen:
        return f"sqlite:///{(data_dir / FILE_NAME).absolute()}"
    for prefix in ("postgres://", "postgresql://"):
        if chosen.startswith(prefix):
            return f"{POSTGRES}://{chosen.removeprefix(prefix)}"
    return chosen
