"""The health of the server."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from chatserver.api.operations import Operation, answer, described
from chatserver.middleware.gate import public
from chatserver.services import services
from chatserver.storage.schema import tasks
from exporter.collectors.build import VERSION

health = Blueprint("health", __name__)


class Part(msgspec.Struct, frozen=True):
    """The health of a part of the server."""

    ok: bool
    detail: str


class Health(msgspec.Struct, frozen=True):
    """The health of the server; the status is 503 where a part of it is not ok."""

    ok: bool
    version: str
    database: Part
    pool: Part


@health.get("/health")
@public
@described(Operation("Check the health of the server", Health, others={503: Health}))
def show() -> Response:
    """200, or 503 where a part is not ok."""
    parts = {"database": _database(), "pool": _pool()}
    ok = all(part.ok for part in parts.values())
    return answer(Health(ok, VERSION, **parts), 200 if ok else 503)


def _database() -> Part:
    database = services().database
    try:
        database.run_read_only(lambda connection: connection.execute(select(tasks.c.task_id).limit(1)).all())
    except SQLAlchemyError as error:
        return Part(False, f"The database does not answer ({type(error).__name__}); see the server's log.")
    return Part(True, "sqlite" if database.is_sqlite else "postgresql")


def _pool() -> Part:
    pool = services().pool
    if not pool.is_running:
        return Part(False, "The task pool has ended; restart the server.")
    if pool.has_stale_heartbeat:
        return Part(False, "No tasks are run, since the database cannot be written; see the server's log.")
    return Part(True, f"{pool.busy} of {pool.slots} slots are busy")
