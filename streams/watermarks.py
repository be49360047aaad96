"""How fresh may a feed say it is? As fresh as the newest watermark whose moment it has fully applied.

Capture says: all that was committed before `as_of` is in Kafka. Whoever asks Kafka for the end of each partition
*after* hearing that, and then has applied everything up to these ends, holds everything committed before `as_of`.
"""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sinks.freshness import Freshness

Ends = Mapping[tuple[str, int], int]


def as_of(value: bytes | None) -> datetime | None:
    """The moment a watermark record names; None when it is not one of ours."""
    try:
        return datetime.fromisoformat(json.loads(value or b"")["as_of"])
    except (ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class _Heard:
    as_of: datetime
    ends: Ends


class AppliedWatermarks:
    """Which watermarks were heard and, partition by partition, reached."""

    def __init__(self) -> None:
        self._heard: deque[_Heard] = deque(maxlen=1000)
        self._reached: dict[tuple[str, int], datetime] = {}

    def hear(self, moment: datetime, ends: Ends) -> None:
        """`ends` were asked for after the watermark was read."""
        self._heard.append(_Heard(moment, ends))

    def reach(self, positions: Ends) -> None:
        """`positions` are the next offsets to apply, of the partitions that are ours now."""
        for heard in self._heard:
            for partition, end in heard.ends.items():
                if positions.get(partition, -1) >= end:
                    self._reached[partition] = max(heard.as_of, self._reached.get(partition, heard.as_of))
        self._reached = {partition: moment for partition, moment in self._reached.items() if partition in positions}
        while self._heard and all(positions.get(partition, 0) >= end for partition, end in self._heard[0].ends.items()):
            self._heard.popleft()

    def freshness(self) -> Freshness:
        return Freshness({f"{topic}/{partition}": moment for (topic, partition), moment in self._reached.items()})
