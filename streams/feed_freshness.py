"""Says how fresh a feed is: as fresh as the newest watermark whose moment it has fully applied.

Capture says: all that was committed before a moment is in Kafka. Whoever asks Kafka for the end of each partition
*after* hearing that, and then has applied everything up to these ends, holds everything committed before that moment.

While a gap is open in a topic that the feed reads, nobody vouches for that: from when it is heard of until all is
applied that was in Kafka when it was first heard to be closed.
"""

import json
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from schemas import gaps
from schemas.gaps import Gap
from sinks.freshness import BUILDING, GAP, Freshness
from streams.capture.pgoutput import lsn_number

Ends = Mapping[tuple[str, int], int]

#: Instances hear the same watermark at moments of their own: what the store had told may be so much newer than what is
#: heard first. What is newer than that was told by a clock that has been set back since.
STEP: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a watermark says: all from before `captured` is in Kafka, but for what the gaps lack, in topics of these
    ids. `lsn`: the log that it speaks of ends there, in bytes.
    """

    captured: datetime
    lsn: int = 0
    gaps: tuple[Gap, ...] = ()
    topics: Mapping[str, str] = field(default_factory=dict)

    def withheld(self, topics: Collection[str]) -> str:
        """Why nobody vouches for what is read from these topics; empty when it is vouched for."""
        found = [f"{gap.kind}: {gap.detail}" for gap in self.gaps if gap.affects(topics)]
        return f"{GAP}: {'; '.join(found)}" if found else ""


def told(value: bytes | None) -> Told | None:
    """None when it is not one of ours. One without gaps is of a capture that knew none."""
    try:
        said: Any = json.loads(value or b"")
        return Told(
            captured=datetime.fromisoformat(said.get("captured") or said["as_of"]),
            lsn=lsn_number(said["lsn"]) if "lsn" in said else 0,
            gaps=tuple(gaps.from_record(one) for one in said.get("gaps", ())),
            topics=dict(said.get("topics", {})),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


@dataclass(frozen=True, slots=True)
class _Heard:
    as_of: datetime
    ends: Ends
    withheld: str


class AppliedWatermarks:
    """Which watermarks were heard and, partition by partition, reached."""

    def __init__(self, told: Freshness | None = None) -> None:
        """`told` is what is true already: of a store that is as it was left."""
        self._heard: deque[_Heard] = deque(maxlen=1000)
        self._reached: dict[tuple[str, int], datetime] = {}
        self._lacking: dict[tuple[str, int], str] = {}
        self._withheld = ""
        for name, moment in ({} if told is None else told.by_partition).items():
            topic, _, partition = name.rpartition("/")
            self._reached[topic, int(partition)] = moment
            # A gap that was open is, until the partition has come to a watermark that knows of none.
            self._lacking[topic, int(partition)] = told.withheld if told and told.withheld != BUILDING else ""

    def hear(self, moment: datetime, ends: Ends, withheld: str = "") -> None:
        """`ends` were asked for after the watermark was read."""
        self._heard.append(_Heard(moment, ends, withheld))
        self._withheld = withheld

    def reach(self, positions: Ends) -> None:
        """`positions` are the next offsets to apply, of the partitions that are ours now."""
        for heard in self._heard:
            for partition, end in heard.ends.items():
                if positions.get(partition, -1) >= end:
                    before = self._reached.get(partition, heard.as_of)
                    self._reached[partition] = before if heard.as_of < before <= heard.as_of + STEP else heard.as_of
                    self._lacking[partition] = heard.withheld
        self._reached = {partition: moment for partition, moment in self._reached.items() if partition in positions}
        while self._heard and all(positions.get(partition, 0) >= end for partition, end in self._heard[0].ends.items()):
            self._heard.popleft()

    def freshness(self) -> Freshness:
        moments = {f"{topic}/{partition}": moment for (topic, partition), moment in self._reached.items()}
        lacking = [self._lacking[partition] for partition in self._reached if self._lacking.get(partition)]
        return Freshness(moments, withheld=self._withheld or next(iter(lacking), ""))
