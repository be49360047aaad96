"""How does a test wait? For a condition, with a deadline, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T | None], deadline_s: float, what: str) -> T:
    """What the condition gave when it first was true; an AssertionError that names `what` after the deadline."""
    deadline = time.monotonic() + deadline_s
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"after {deadline_s:g} s still not so: {what}")
        time.sleep(0.05)
    return found
