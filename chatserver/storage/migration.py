"""Migrations by Alembic, which takes 11 MB: only a database of another schema needs it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, func, select

from chatserver.storage.schema import SchemaError

MIGRATION_LOCK = 0x686F6F6B  # of servers that start in parallel, one migrates


def migrate(engine: Engine) -> None:
    """Bring a database to the schema of this version. Raises SchemaError."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with engine.begin() as connection:
        if engine.dialect.name != "sqlite":
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise SchemaError(str(error)) from error
