"""Decides how often readers are shown what was written: as often as is set, unless the feed is far behind.

Showing costs the store time in which it could write. To whoever reads what was so a minute ago a second more is
nothing, and the feed has caught up sooner.
"""

from typing import Final

#: Of what a feed is behind, so much may pass between two times.
_SHARE: Final = 0.25
_LONGEST_S: Final = 5.0


def every_s(set_s: float, behind_s: float) -> float:
    """Seconds between two times. `behind_s` is how old the newest change was that has just been written."""
    return max(set_s, min(behind_s * _SHARE, _LONGEST_S))
