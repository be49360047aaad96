"""Decides how often readers are shown what was written: the sooner the less it costs, unless the feed is far behind.

Showing costs the store time in which it could write. Where that is little, nobody waits for long; and to whoever reads
what was so a minute ago a second more is nothing, and the feed has caught up sooner.
"""

from typing import Final

#: Of what a feed is behind, so much may pass between two times.
_SHARE: Final = 0.25
_LONGEST_S: Final = 5.0
#: Of the time, so much may be spent on showing before it is done as seldom as is set.
_SPENT: Final = 0.1
#: However little it costs, it is not done more often than so many times for once that is set.
_TIMES: Final = 5


def every_s(set_s: float, behind_s: float, took_s: float) -> float:
    """Seconds between two times. `behind_s` is how old the newest change was that has just been written; `took_s`,
    how long it took to show what was written last.
    """
    cheap_s = min(set_s, max(set_s / _TIMES, took_s / _SPENT))
    return max(cheap_s, min(behind_s * _SHARE, _LONGEST_S))
