"""Writes what requests noted a moment later, in a thread of its own: no request waits for it or fails."""

import threading
from collections.abc import Callable
from typing import Final

import structlog

WRITTEN_WITHIN_S: Final = 1.0
log = structlog.get_logger(__name__)


class BackgroundWriter:
    """Calls `write` every second, from the first `begin` until it is closed.

    An error that `write` raises is logged as `lost`; what is noted afterwards is written again.
    """

    def __init__(self, name: str, write: Callable[[], None], *, lost: str) -> None:
        self._name, self._write, self._lost = name, write, lost
        self._closing = threading.Event()
        self._beginning = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Returns at once; called again it does nothing."""
        if self._thread is not None:
            return
        with self._beginning:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Returns when nothing is being written any more."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(WRITTEN_WITHIN_S):
            try:
                self._write()
            except Exception:  # the entry point of this thread
                log.error(self._lost, exc_info=True)
