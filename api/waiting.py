"""Waiting until a read model shows what receipts are for, at most for a given time."""

from collections.abc import Callable, Sequence
from typing import Final

from api.domain.errors import FieldError
from api.receipts import NotVisibleYet, Receipt

_FIRST_PAUSE_S: Final = 0.02
_LONGEST_PAUSE_S: Final = 0.2


def wait(
    receipts: Sequence[Receipt],
    holds: Callable[[Receipt], bool],
    *,
    longest_s: float,
    now_s: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    """Returns when the read model holds all of them. Raises `NotVisibleYet` when it does not in time."""
    deadline = now_s() + longest_s
    pause = _FIRST_PAUSE_S
    missing = [receipt for receipt in receipts if not holds(receipt)]
    while missing:
        left = deadline - now_s()
        if left <= 0:
            wrong = [
                FieldError("after", "not_visible_yet", f"{one.aggregate} {one.id} v{one.version}") for one in missing
            ]
            raise NotVisibleYet(f"After {longest_s:g} s {len(missing)} changes are not visible yet.", wrong)
        sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST_PAUSE_S)
        missing = [receipt for receipt in missing if not holds(receipt)]
