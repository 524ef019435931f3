"""What blocks runs beside the event loop: SQLite, bcrypt, and the reading of logs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import gevent
from gevent import monkey

Result = TypeVar("Result")


def offload(work: Callable[[], Result]) -> Result:
    """Do it in a thread of the system where greenlets share this one, else here; raises what it raises."""
    if not monkey.is_module_patched("threading") or not gevent.get_hub().main_hub:
        return work()
    outcome: Result | _Raised = gevent.get_hub().threadpool.apply(_attempt, (work,))
    if isinstance(outcome, _Raised):
        raise outcome.error
    return outcome


@dataclass(frozen=True, slots=True)
class _Raised:
    """What a work raised; gevent would print it, though it is somebody's answer."""

    error: BaseException


def _attempt(work: Callable[[], Result]) -> Result | _Raised:
    try:
        return work()
    except BaseException as error:
        return _Raised(error)
