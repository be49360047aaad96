"""Sets each stored version of an event beside what each consumer knows.

A stored version that is newer than a consumer's is no loss: the consumer parks it and takes it when it is upgraded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from streams.contracts.known_versions import Consumer
from streams.contracts.stored_versions import StoredVersion

Verdict = Literal["reads", "parks", "not read"]


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """What `consumer` makes of a stored version; `knows` is the newest it knows of this event."""

    consumer: str
    knows: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Row:
    stored: StoredVersion
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    consumers: tuple[Consumer, ...]
    rows: tuple[Row, ...]

    @property
    def parked(self) -> tuple[tuple[StoredVersion, MatrixCell], ...]:
        return tuple((row.stored, cell) for row in self.rows for cell in row.cells if cell.verdict == "parks")


def matrix(stored: Sequence[StoredVersion], consumers: Sequence[Consumer]) -> Matrix:
    rows = tuple(Row(each, tuple(_cell(each, consumer) for consumer in consumers)) for each in stored)
    return Matrix(tuple(consumers), rows)


def _cell(stored: StoredVersion, consumer: Consumer) -> MatrixCell:
    knows = consumer.knows(stored.event_type)
    if stored.topic not in consumer.topics:
        return MatrixCell(consumer.name, knows, "not read")
    return MatrixCell(consumer.name, knows, "reads" if stored.version <= knows else "parks")
