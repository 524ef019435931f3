"""What blocks runs beside the event loop: SQLite, bcrypt, and the reading of logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import gevent
from gevent import monkey

Result = TypeVar("Result")


def offload(work: Callable[[], Result]) -> Result:
    """Do it in a thread of the system where greenlets share this one, else here; raises what it raises."""
    if not monkey.is_module_patched("threading"):
        return work()
    hub = gevent.get_hub()
    result: Result = hub.threadpool.apply(work) if hub.main_hub else work()
    return result
