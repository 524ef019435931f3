"""Offloading of work that blocks the event loop: SQLite, bcrypt, and reading logs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import gevent
from gevent import monkey

Result = TypeVar("Result")


def offload(work: Callable[[], Result]) -> Result:
    """Run the work in a native thread if greenlets share this one, else here. Raises what it raises."""
    if not monkey.is_module_patched("threading") or not gevent.get_hub().main_hub:
        return work()
    outcome: Result | _Raised = gevent.get_hub().threadpool.apply(_attempt, (work,))
    if isinstance(outcome, _Raised):
        raise outcome.error
    return outcome


@dataclass(frozen=True, slots=True)
class _Raised:
    """What the work raised; if it were raised in the thread pool, gevent would print it, too."""

    error: BaseException


def _attempt(work: Callable[[], Result]) -> Result | _Raised:
    try:
        return work()
    except BaseException as error:
        return _Raised(error)
