"""A store that forgets: the shortest thing that keeps the promise of `sinks.sink`. For tests and for trying a fold."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sinks.freshness import Freshness
from sinks.sink import Change, Positions, Refusal

Key = tuple[str, UUID, UUID]


class MemorySink:
    """Keeps positions, like a store that commits them with the documents."""

    def __init__(self) -> None:
        self._written: dict[Key, Change] = {}
        self._positions: dict[tuple[str, int], int] = {}
        self.published: dict[Key, Change] = {}
        self.freshness = Freshness()

    def open(self) -> None: ...

    def positions(self) -> Positions:
        return dict(self._positions)

    def write(self, changes: Sequence[Change], positions: Positions) -> Sequence[Refusal]:
        for change in changes:
            key = (change.collection, change.tenant_id, change.id)
            held = self._written.get(key)
            if held is None or held.version <= change.version:
                self._written[key] = change
        self._positions.update(positions)
        return ()

    def publish(self, freshness: Freshness) -> Freshness:
        self.published = dict(self._written)
        self.freshness = freshness
        return freshness

    def find(self, collection: str, tenant_id: UUID, id: UUID) -> Change | None:  # noqa: A002  # the field's name
        return self._written.get((collection, tenant_id, id))

    def scan(self, collection: str, tenant_id: UUID | None = None) -> Iterator[Change]:
        for change in self._written.values():
            if change.collection == collection and tenant_id in (None, change.tenant_id):
                yield change

    def close(self) -> None: ...
