"""A store that forgets: the shortest thing that keeps the promise of `sinks.sink`. For tests and for trying a fold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from sinks.compose_parts import joined
from sinks.freshness import BUILDING, Freshness
from sinks.sink import DocumentChange, HeldOffset, Part, Partition, Positions, StoreLost, StoreRefusal

Key = tuple[str, UUID, UUID, Part | None]


class MemorySink:
    """Keeps positions with the documents. `lose` throws away what it holds, as somebody may do with any store."""

    is_transactional = True

    def __init__(self) -> None:
        self._make()

    def _make(self) -> None:
        self._birth = uuid4().hex
        self._is_lost = False
        self._written: dict[Key, DocumentChange] = {}
        self._positions: dict[Partition, HeldOffset] = {}
        self.published: dict[Key, DocumentChange] = {}
        self._freshness = Freshness(withheld=BUILDING)

    def lose(self) -> None:
        self._is_lost = True

    def open(self) -> None:
        if self._is_lost:
            self._make()

    def birth(self) -> str:
        return self._birth

    def positions(self) -> Mapping[Partition, HeldOffset]:
        self._look()
        return dict(self._positions)

    def begin(self, partitions: Mapping[Partition, HeldOffset]) -> None:
        self._look()
        self._positions |= partitions

    def write(self, changes: Sequence[DocumentChange], positions: Positions) -> Sequence[StoreRefusal]:
        self._look()
        for change in changes:
            key = (change.collection, change.tenant_id, change.id, change.part)
            held = self._written.get(key)
            if held is None or held.version <= change.version:
                self._written[key] = change
        for partition in positions.keys() & self._positions.keys():
            self._positions[partition] = replace(self._positions[partition], next=positions[partition])
        return ()

    def freshness(self) -> Freshness:
        self._look()
        return self._freshness

    def publish(self, freshness: Freshness) -> Freshness:
        self._look()
        self.published = dict(self._written)
        self._freshness = freshness
        return freshness

    def find(
        self,
        collection: str,
        tenant_id: UUID,
        id: UUID,  # noqa: A002  # the field's name
        part: Part | None = None,
    ) -> DocumentChange | None:
        return self._written.get((collection, tenant_id, id, part))

    def document(self, collection: str, tenant_id: UUID, id: UUID) -> Mapping[str, Any] | None:  # noqa: A002
        """As readers see it, with its parts."""
        held = self.published.values()
        return joined(c for c in held if (c.collection, c.tenant_id, c.id) == (collection, tenant_id, id))

    def scan(self, collection: str, tenant_id: UUID | None = None) -> Iterator[DocumentChange]:
        for change in self._written.values():
            if change.collection == collection and tenant_id in (None, change.tenant_id):
                yield change

    def close(self) -> None: ...

    def _look(self) -> None:
        if self._is_lost:
            raise StoreLost("what was held in memory is gone", retry_after_s=0)
