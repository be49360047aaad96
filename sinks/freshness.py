"""How old may an answer be? A read model says of every partition it reads: all before this moment is in me."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Freshness:
    """`by_partition` maps `<topic>/<partition>` to a moment: all that was committed before it is in the model."""

    by_partition: Mapping[str, datetime] = field(default_factory=dict)
    expected: frozenset[str] = frozenset()

    @property
    def as_of(self) -> datetime | None:
        """Everything committed before this moment is in the model; None while a partition has not said anything yet."""
        if not self.by_partition or not self.expected <= self.by_partition.keys():
            return None
        return min(self.by_partition.values())

    def lag_ms(self, now: datetime) -> int | None:
        """Milliseconds between `as_of` and `now`, never below 0; None when there is no `as_of`."""
        return None if self.as_of is None else max(0, round((now - self.as_of).total_seconds() * 1000))

    def with_expected(self, partitions: Iterable[str]) -> "Freshness":
        """The same, known to be incomplete while one of `partitions` is missing."""
        return Freshness(self.by_partition, frozenset(partitions))


def as_text(freshness: Freshness) -> dict[str, str]:
    """For a store: partition → RFC 3339."""
    return {name: moment.astimezone(UTC).isoformat() for name, moment in freshness.by_partition.items()}


def from_text(stored: Mapping[str, str]) -> Freshness:
    return Freshness({name: datetime.fromisoformat(moment) for name, moment in stored.items()})
