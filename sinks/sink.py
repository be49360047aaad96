"""States what a store promises to a feed.

Writing is idempotent: a change that is older than what the store holds changes nothing, one of the same version takes
its place (so saying a state again repairs a damaged document), a tombstone is remembered, and the same batch may be
offered again after any failure. `write` returns when the batch is durable; `publish` makes all that was written visible
to readers, together with how fresh it is.

A store knows when it was made, and how far it has come: both are kept in it, so that they are thrown away, copied and
put back with what they are about. It never says that it has come further than it has.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol
from uuid import UUID

from sinks.freshness import Freshness

#: Of a topic.
Partition = tuple[str, int]
#: Offsets of the next records to read.
Positions = Mapping[Partition, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOffset:
    """How far a store has come in a partition: it holds all before the offset `next` of the topic with this id.

    Until it has come to `until` it lacks what other stores of its model had when it began: it is being built.
    """

    topic_id: str
    next: int
    until: int

    @property
    def is_built(self) -> bool:
        return self.next >= self.until


@dataclass(frozen=True, slots=True)
class Part:
    """What another aggregate contributes to a document: `name` as the read model declares it, `id` of the aggregate."""

    name: str
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentChange:
    """One document of a read model as it is after an event, or one `part` of it. `id` is the document's.

    No `document` means: not to be seen (any more). The version is that of the aggregate that the event is about, and is
    compared with that of the same part only: a document and each of its parts go on by themselves, in any order.
    """

    collection: str
    tenant_id: UUID
    id: UUID
    version: int
    document: Mapping[str, Any] | None
    part: Part | None = None

    @property
    def aggregate_id(self) -> UUID:
        """Of the aggregate it comes from."""
        return self.id if self.part is None else self.part.id

    @property
    def part_name(self) -> str:
        """Empty for the document itself."""
        return "" if self.part is None else self.part.name


@dataclass(frozen=True, slots=True)
class StoreRefusal:
    """The store will never take this change; the others of its batch were taken."""

    change: DocumentChange
    reason: str


class Unavailable(Exception):
    """The store cannot answer now. Nothing is wrong with what it was asked: ask again in `retry_after_s` seconds.

    `about` is the change that was being written, where the store named one. `on` says in a word who is waited for.
    """

    on: ClassVar[str] = "store"

    def __init__(self, what: str, retry_after_s: float = 1.0, about: "DocumentChange | None" = None) -> None:
        super().__init__(what)
        self.what = what
        self.retry_after_s = retry_after_s
        self.about = about


class StoreLost(Unavailable):
    """The store is not the one that was opened: it was thrown away, or another one is in its place.

    Open it again, and go on from where that one is.
    """

    on = "store_lost"


def vouched(freshness: Freshness) -> None:
    """Raises `Unavailable` when nobody vouches for what a store shows, and says why."""
    match freshness.state:
        case "fresh":
            return
        case "building":
            raise Unavailable("it is being built from the beginning of the log, and lacks what is still to come")
        case "gap":
            raise Unavailable(f"something may be missing: {freshness.withheld.removeprefix('gap: ')}")
        case "unknown":
            raise Unavailable("its feed has not said yet how fresh it is")


class Silent(Unavailable):
    """It did not answer at all, in the time it had."""


class HeldElsewhere(Unavailable):
    """Another process has the store, and nothing is wrong with that: this one stands by."""


class Sink(Protocol):
    """One read model in one store. Every method may raise `Unavailable`, and all but `open` `StoreLost`.

    Used by one thread at a time, but for a store that is not transactional: `write` comes from two then, without
    positions.
    """

    @property
    def is_transactional(self) -> bool:
        """Whether changes and positions are kept both or neither. Otherwise positions are told after the changes."""

    def open(self) -> None:
        """Make what is missing. Waits for nobody: raises `HeldElsewhere` while another process holds the store."""

    def birth(self) -> str:
        """Names the store that is open: another one, of the same name or not, was born as another."""

    def positions(self) -> Mapping[Partition, HeldOffset]:
        """How far this store has come, in what it has begun with: nothing, when it has just been made."""

    def begin(self, partitions: Mapping[Partition, HeldOffset]) -> None:
        """From now on these partitions and no others are fed by this process, each from the place that it is given."""

    def write(self, changes: Sequence[DocumentChange], positions: Positions) -> Sequence[StoreRefusal]:
        """Make the changes durable, then keep how far the partitions are read that were begun with.

        A change is refused only for what the store says about itself. If any is, the positions stay as they were: the
        others are durable, and whoever asked is first to see to what was refused. A store that is not transactional
        keeps positions with the next publishing.
        """

    def freshness(self) -> Freshness:
        """What the readers of this store were told last."""

    def publish(self, freshness: Freshness) -> Freshness:
        """Show readers everything written so far. Called a few times a second, also when nothing was written.

        Gives what readers are told now: of all processes together that feed this store.
        """

    def find(
        self,
        collection: str,
        tenant_id: UUID,
        id: UUID,  # noqa: A002  # the field's name
        part: Part | None = None,
    ) -> DocumentChange | None:
        """What the store holds of a document or a part of it, durable or not yet published; a tombstone has no
        document.
        """

    def scan(self, collection: str, tenant_id: UUID | None = None) -> Iterator[DocumentChange]:
        """Everything the store holds of a collection, parts and tombstones too, in no particular order."""

    def close(self) -> None: ...
