"""An observer of directories that also reports which subdirectories the system refuses to watch."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable

from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from exporter.model.text import printable

MAX_WATCHES = 65_536  # a user's other programs need some, too: of a default of 8,192 upwards
NoteRefused = Callable[[str, Exception], None]
# The settings below fs.inotify that allow more, by the error.
LIMITS: dict[int | None, str] = {errno.EMFILE: "max_user_instances", errno.ENOSPC: "max_user_watches"}

if sys.platform == "linux":
    from watchdog.observers.inotify import InotifyEmitter
    from watchdog.observers.inotify_c import CallbackId, InotifyFD, Mask, WatchCallback, WatchDescriptor

    class _Inotify(InotifyFD):
        """An inotify instance with a bounded number of watches, which reports each one beyond a limit."""

        def __init__(self, note_refused: NoteRefused) -> None:
            super().__init__()
            self._note_refused = note_refused

        def run(self) -> None:
            """Report events until it is stopped, or until it fails, which is reported, too."""
            try:
                super().run()
            except Exception as error:  # such as a tree that is too deep to be walked
                self._note_refused("any directory", error)

        def add_callback(self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId) -> WatchDescriptor:
            """Watch a directory; what other errors mean, such as that it has vanished, is left to watchdog."""
            try:
                if len(self._watch_for_wd) >= MAX_WATCHES:
                    raise OSError(errno.ENOSPC, f"hookmeter's own limit of {MAX_WATCHES} watches reached")
                return super().add_callback(path, mask, callback, id_)
            except OSError as error:
                if error.errno in LIMITS:
                    self._note_refused(os.fsdecode(path), error)
                raise

    class _InotifyObserver(BaseObserver):
        """An observer with an inotify instance of its own."""

        def __init__(self, inotify: _Inotify) -> None:
            super().__init__(InotifyEmitter, inotify_fd=inotify)
            self._inotify = inotify
            inotify.start()

        def on_thread_stop(self) -> None:
            """End the threads of the emitters, then that of the instance."""
            super().on_thread_stop()
            self._inotify.stop()
            self._inotify.join()


def new_observer(note_refused: NoteRefused) -> BaseObserver:
    """An observer that is not started; it calls `note_refused` from any thread. Raises OSError if there can be none."""
    if sys.platform == "linux":
        return _InotifyObserver(_Inotify(note_refused))
    return Observer()


def refusal(where: str, error: Exception) -> str:
    """A sentence on what the system refuses to watch, and what follows."""
    number, reason = (error.errno, error.strerror) if isinstance(error, OSError) else (None, str(error))
    setting = f"; raise fs.inotify.{LIMITS[number]} to avoid that" if number in LIMITS else ""
    return (
        f"The system refuses to watch {printable(where)} ({reason}), so all directories are searched in every scrape"
        f" instead{setting}."
    )
