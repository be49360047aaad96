"""Declares the events of a dead letter, a record that one feed could not use: it is retried or discarded.

Both travel like every other event, through the outbox: what an operator decided is committed with who decided it.
"""

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from schemas.aggregate import Aggregate
from schemas.event_history import History

_DEAD_LETTERS: Final = UUID("5d0c1c0e-5c0b-5a55-9a8e-7b7d3f0f4c11")


_FIRST: Final = "-v1"
_VERSIONED: Final = re.compile(r".+-v[0-9]+", re.ASCII)


def versioned(feed: str) -> str:
    """The id of a read model, also of what was written when all were of their first version and told by name alone."""
    return feed if _VERSIONED.fullmatch(feed) else feed + _FIRST


def dead_letter_id(feed: str, topic: str, partition: int, offset: int, committed_ms: int) -> UUID:
    """The same for the same record and read model (`feed` is its id), however often it fails.

    A topic that was deleted and made again counts from 0 again: its records are others, and their moments say so. Those
    of first versions are made of the name alone: the ids that were given then stay.
    """
    return uuid5(_DEAD_LETTERS, f"{feed.removesuffix(_FIRST)}/{topic}/{partition}/{offset}/{committed_ms}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordHeader:
    name: str
    value: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """The record as it is to be tried again, and where it was. `attempts` is how often its feed has tried it so far;
    `committed_ms` is when the change was committed, `first_failed_ms` when it failed first (since 1970).
    """

    id: UUID
    feed: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[RecordHeader, ...]
    committed_ms: int
    attempts: int
    first_failed_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterReplayed:
    """The feed that refused the record is to try it again; nobody else needs to."""

    dead_letter: DeadLetter


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterDiscarded:
    """Nobody is to try this record again, not even a feed that understands it one day."""

    dead_letter_id: UUID
    feed: str
    reason: str


HISTORIES = (
    History("dead_letter.replayed", (DeadLetterReplayed,)),
    History("dead_letter.discarded", (DeadLetterDiscarded,)),
)
AGGREGATE = Aggregate(
    name="dead_letter",
    plural="dead_letters",
    owner="operations",
    histories=HISTORIES,
    gone=None,
    partitions=1,
    holds="what people decided about dead letters",
    meanings={"dead_letter": "the record as it is to be tried again"},
)
DeadLetterEvent = DeadLetterReplayed | DeadLetterDiscarded
