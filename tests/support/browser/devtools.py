"""Speaks Chromium's DevTools protocol over its pipe: a command and its result, and what happens meanwhile."""

import json
import os
import select
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

DEADLINE_S: Final = 30
_END: Final = b"\0"
_PIECE: Final = 1 << 20

Event = Callable[[str, dict[str, Any]], None]


class DevtoolsError(Exception):
    """The browser did not do what it was told."""


class Devtools:
    def __init__(self, heard: int, told: int) -> None:
        self._heard, self._told = heard, told
        self._last = 0
        self._rest = b""
        self._results: dict[int, dict[str, Any]] = {}
        self._listening: dict[str, Event] = {}

    def listen(self, session: str, event: Event) -> None:
        """What happens in a session goes there, while somebody waits for a result."""
        self._listening[session] = event

    def send(self, method: str, session: str = "", /, **parameters: Any) -> dict[str, Any]:
        """What came of it. Raises `DevtoolsError`."""
        asked = self.tell(method, session, **parameters)
        end = time.monotonic() + DEADLINE_S
        while asked not in self._results:
            self._hear(end, method)
        answer = self._results.pop(asked)
        if "error" in answer:
            raise DevtoolsError(f"{method}: {answer['error']['message']}")
        return dict(answer["result"])

    def tell(self, method: str, session: str = "", /, **parameters: Any) -> int:
        """Without waiting for what comes of it."""
        self._last += 1
        said: dict[str, Any] = {"id": self._last, "method": method, "params": parameters}
        if session:
            said["sessionId"] = session
        left = json.dumps(said).encode() + _END
        while left:
            left = left[os.write(self._told, left) :]
        return self._last

    def close(self) -> None:
        with suppress(BrokenPipeError):
            self.tell("Browser.close")
        os.close(self._told)
        os.close(self._heard)

    def _hear(self, end: float, what: str) -> None:
        ready, _, _ = select.select([self._heard], [], [], max(end - time.monotonic(), 0))
        if not ready:
            raise DevtoolsError(f"{what}: no answer in {DEADLINE_S} s")
        piece = os.read(self._heard, _PIECE)
        if not piece:
            raise DevtoolsError(f"{what}: the browser has ended")
        *whole, self._rest = (self._rest + piece).split(_END)
        for one in whole:
            said = json.loads(one)
            if "id" in said:
                self._results[said["id"]] = said
            elif said.get("sessionId") in self._listening:
                self._listening[said["sessionId"]](said["method"], said["params"])
