"""Collects what became of each item of an import, with the changes that are still to be saved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from api.domain.changes import Decision
from api.domain.errors import Refused
from api.store.unit_of_work import Encoded, Rows, UnitOfWork
from api.use_cases.imports.items import Item
from schemas.event_codec import InvalidEvent

T = TypeVar("T")
Result = Literal["created", "updated", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class ItemResult:
    """`why` is there when the item was refused."""

    external_id: str | None
    result: Result
    id: UUID | None = None
    version: int | None = None
    why: Exception | None = None


class ItemResults(Generic[T]):
    """One for each item, in their order."""

    def __init__(self, work: UnitOfWork, items: Sequence[Item[Any]]) -> None:
        self._work = work
        self._results: list[ItemResult | None] = [
            None if item.wrong is None else ItemResult(item.external_id, "refused", why=item.wrong) for item in items
        ]
        self._leaving: list[tuple[int, Encoded[T]]] = []

    def decide(
        self, at: int, external_id: str, decision: Callable[[], Decision[T] | None], held: ItemResult | None
    ) -> None:
        """Takes the decision and encodes its events; what refuses it concerns this item only. None: unchanged."""
        try:
            change = decision()
            if change is None:
                self._results[at] = held
                return
            encoded = (change, self._work.encode(change))
        except (Refused, InvalidEvent) as why:
            self._results[at] = ItemResult(external_id, "refused", why=why)
            return
        result: Result = "updated" if change.was_at else "created"
        self._results[at] = ItemResult(external_id, result, change.aggregate_id, change.version)
        self._leaving.append((at, encoded))

    def put(self, at: int, result: ItemResult) -> None:
        self._results[at] = result

    def save(self, rows: Rows[T]) -> list[ItemResult]:
        """Saves all changes and gives the result of each item."""
        refused = self._work.save_all(rows, [encoded for _, encoded in self._leaving]) if self._leaving else {}
        for at, (change, _) in self._leaving:
            if change.aggregate_id in refused:
                self._results[at] = ItemResult(self._at(at).external_id, "refused", why=refused[change.aggregate_id])
        return [self._at(at) for at in range(len(self._results))]

    def _at(self, at: int) -> ItemResult:
        found = self._results[at]
        if found is None:
            raise AssertionError(f"item {at} has no result")
        return found
