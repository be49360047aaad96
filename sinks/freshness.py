"""Says how old an answer may be, by what a read model says of every partition it reads.

Unless it says that nobody vouches now, and why: what it holds may then lack anything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

BUILDING: Final = "building"
#: A reason that begins so says what may be missing: `gap: the slot was made anew`.
GAP: Final = "gap"

#: `unknown`: a partition has not said anything yet.
State = Literal["fresh", "building", "gap", "unknown"]


@dataclass(frozen=True, slots=True)
class Freshness:
    """`by_partition` maps `<topic>/<partition>` to a moment: all that was committed before it is in the model.

    `withheld` is why nobody vouches for that now: `BUILDING`, or `GAP` with what is missing; empty: it is vouched for.
    """

    by_partition: Mapping[str, datetime] = field(default_factory=dict)
    expected: frozenset[str] = frozenset()
    withheld: str = ""

    @property
    def as_of(self) -> datetime | None:
        """Everything committed before this moment is in the model; None while nobody vouches for any moment."""
        if self.withheld or not self.by_partition or not self.expected <= self.by_partition.keys():
            return None
        return min(self.by_partition.values())

    @property
    def state(self) -> State:
        if self.withheld:
            return "building" if self.withheld == BUILDING else "gap"
        return "unknown" if self.as_of is None else "fresh"

    def lag_ms(self, now: datetime) -> int | None:
        """Milliseconds between `as_of` and `now`, never below 0; None when there is no `as_of`."""
        return None if self.as_of is None else max(0, round((now - self.as_of).total_seconds() * 1000))

    def with_expected(self, partitions: Iterable[str]) -> "Freshness":
        """The same, known to be incomplete while one of `partitions` is missing."""
        return replace(self, expected=frozenset(partitions))

    def together_with(self, other: "Freshness") -> "Freshness":
        """Of an answer from both: as old as the older, and vouched for when both are."""
        return Freshness(
            {**self.by_partition, **other.by_partition},
            self.expected | other.expected,
            self.withheld or other.withheld,
        )

    def withholding(self, why: str) -> "Freshness":
        """The same, vouched for by nobody."""
        return replace(self, withheld=why)


def as_text(freshness: Freshness) -> dict[str, Any]:
    """For a store: `{"partitions": {partition: RFC 3339}, "withheld": why}`."""
    moments = {name: moment.astimezone(UTC).isoformat() for name, moment in freshness.by_partition.items()}
    return {"partitions": moments, "withheld": freshness.withheld}


def from_text(stored: Mapping[str, Any]) -> Freshness:
    moments = {name: datetime.fromisoformat(moment) for name, moment in stored["partitions"].items()}
    return Freshness(moments, withheld=stored.get("withheld", ""))
