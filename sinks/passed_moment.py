"""Waits for what readers see to hold all that was committed at a moment."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar

from sinks.verify_model import DEADLINE_S, DoesNotAdvance

_POLL_S: Final = 0.1
T = TypeVar("T")


def when_passed(
    name: str,
    moment: datetime,
    look: Callable[[], tuple[T, datetime | None]],
    sleep: Callable[[float], None],
    clock: Callable[[], float],
) -> T:
    """What `look` gave with an `as_of` behind the moment. Raises `DoesNotAdvance`, with the model's name."""
    deadline = clock() + DEADLINE_S
    while True:
        found, as_of = look()
        if as_of is not None and as_of > moment:
            return found
        if clock() > deadline:
            raise DoesNotAdvance(f"{name} does not come to hold what was committed at {moment.isoformat()}")
        sleep(_POLL_S)
