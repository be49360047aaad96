"""What does a store promise to a feed?

Writing is idempotent: a change that is older than what the store holds changes nothing, one of the same version takes
its place (so saying a state again repairs a damaged document), a tombstone is remembered, and the same batch may be
offered again after any failure. `write` returns when the batch is durable; `publish` makes all that was written visible
to readers, together with how fresh it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sinks.freshness import Freshness

#: (topic, partition) → offset of the next record to read.
Positions = Mapping[tuple[str, int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One document of a read model as it is after an event. No `document` means: not to be seen (any more)."""

    collection: str
    tenant_id: UUID
    id: UUID
    version: int
    document: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The store will never take this change; the others of its batch were taken."""

    change: Change
    reason: str


class Unavailable(Exception):
    """The store cannot answer now. Nothing is wrong with what it was asked: ask again in `retry_after_s` seconds."""

    def __init__(self, what: str, retry_after_s: float = 1.0) -> None:
        super().__init__(what)
        self.what = what
        self.retry_after_s = retry_after_s


class StoreLost(Unavailable):
    """What the store held is not there any more (an index, a file): waiting alone will not bring it back."""


class Silent(Unavailable):
    """It did not answer at all, in the time it had."""


class HeldElsewhere(Unavailable):
    """Another process has the store, and nothing is wrong with that: this one stands by."""


class Sink(Protocol):
    """One read model in one store. Every method may raise `Unavailable`.

    Used by one thread at a time, but for a store that keeps no positions: `write` comes from two then.
    """

    def open(self) -> None:
        """Make what is missing. Waits for nobody: raises `HeldElsewhere` while another process holds the store."""

    def positions(self) -> Positions | None:
        """Where to read on from, if this store keeps that itself; None when the consumer group keeps it."""

    def write(self, changes: Sequence[Change], positions: Positions) -> Sequence[Refusal]:
        """Make the changes durable, and with them (in a store that keeps positions) how far the log is read.

        A change is refused only for what the store says about itself. If any is, the positions stay as they were: the
        others are durable, and whoever asked is first to see to what was refused.
        """

    def publish(self, freshness: Freshness) -> Freshness:
        """Show readers everything written so far. Called a few times a second, also when nothing was written.

        Gives what readers are told now: of all processes together that feed this store.
        """

    def find(self, collection: str, tenant_id: UUID, id: UUID) -> Change | None:  # noqa: A002  # the field's name
        """What the store holds of one aggregate, durable or not yet published; a tombstone has no document."""

    def scan(self, collection: str, tenant_id: UUID | None = None) -> Iterator[Change]:
        """Everything the store holds of a collection, tombstones too, in no particular order."""

    def close(self) -> None: ...
