"""Says which moments there can be: a shop's history lies between two of them, and one aggregate's runs forwards.

Between these bounds every moment can be told in every time zone, by every store and client.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: The database keeps it, too: r0090.
LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)
#: What tells us of the past may have a clock that is this much ahead of ours.
CLOCKS_DIFFER: Final = timedelta(minutes=5)


def is_possible(moment: datetime) -> bool:
    return EARLIEST <= moment < LATEST


def not_before(now: datetime, *earlier: datetime | None) -> datetime:
    """When a command happens: now, but never before what has happened to the same aggregate already.

    Hosts have clocks of their own, and imported facts were told by a third one.
    """
    return max(now, *(moment for moment in earlier if moment is not None))
