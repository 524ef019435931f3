"""A server in a process of its own, which a test can kill."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chatserver.tasks.place import Place

SERVER = """
import json, sys, threading
from pathlib import Path
from chatserver.storage.database import open_database
from tests.chatserver.tasks.place import Place
url, directory, claude, environment, roots, name = sys.argv[1:]
with open_database(url) as database:
    place = Place(Path(directory), database, claude, json.loads(environment), tuple(json.loads(roots)))
    place.server(name)
    threading.Event().wait()
"""


@contextmanager
def server_process(place: Place, url: str, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server on the place's database, which ends with the context at the latest."""
    given = [json.dumps(dict(place.environment)), json.dumps(place.transcript_roots)]
    words = [sys.executable, "-c", SERVER, url, str(place.directory), place.claude, *given, name]
    with subprocess.Popen(words, cwd=Path(__file__).parents[3]) as process:
        try:
            yield process
        finally:
            process.kill()
