"""A disk on which nothing more can be written."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

MAX_BYTES = 4096  # less than one page of a database with its header


@contextmanager
def full_disk() -> Iterator[None]:
    """The writes of this process to files fail, also those of root; short logs can still be written."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
