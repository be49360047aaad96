"""Says how far a build has come in the log, or in the tables."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PartitionProgress:
    """Records of the log from its first that is still there, or rows of a table: `done` of `records` are read."""

    partition: str
    done: int
    records: int


@dataclass(frozen=True, slots=True)
class Progress:
    """`left_s` is how long the rest takes at the speed so far; None before anything can be said."""

    partitions: tuple[PartitionProgress, ...]
    left_s: float | None

    @property
    def done(self) -> int:
        return sum(one.done for one in self.partitions)

    @property
    def records(self) -> int:
        return sum(one.records for one in self.partitions)


class Tell(Protocol):
    """What is done just now, in words, and how far it is where that is known. Raises `Failure` when it is to end."""

    def __call__(self, words: str, progress: Progress | None = None) -> None: ...
