"""How does a client read its own writes? A command's answer is a receipt; a read that brings it waits for its effect.

A receipt names one version of one aggregate. The tenant is not in it: it comes from the token of the one who reads.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from api.domain.errors import FieldError, Invalid, Refused

HEADER: Final = "Rustok-Receipt"
MOST: Final = 50
_FIRST_PAUSE_S: Final = 0.02
_LONGEST_PAUSE_S: Final = 0.2


class NotVisibleYet(Refused):
    """The read model does not show the change yet; nothing is lost, ask again."""

    code = "not_visible_yet"
    retry_after_s = 1


@dataclass(frozen=True, slots=True)
class Receipt:
    aggregate: str
    id: UUID
    version: int

    def text(self) -> str:
        plain = orjson.dumps({"aggregate": self.aggregate, "id": str(self.id), "version": self.version})
        return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def read(text: str) -> Receipt:
    """Raises `Invalid` for what never was a receipt."""
    try:
        plain: Any = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        receipt = Receipt(str(plain["aggregate"]), UUID(plain["id"]), plain["version"])
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise Invalid.field("after", "malformed", "It is not a receipt.") from wrong
    if not isinstance(receipt.version, int) or receipt.version < 1:
        raise Invalid.field("after", "malformed", "It is not a receipt.")
    return receipt


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
