"""Collects what became of each item of an import, with the changes that are still to be saved."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Generic, Literal, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel

from api.domain.changes import Change
from api.domain.errors import Conflict, Refused
from api.http.bodies.items import Item
from api.store.unit_of_work import Encoded, Rows, UnitOfWork
from schemas.event_codec import InvalidEvent

T = TypeVar("T")
Result = Literal["created", "updated", "unchanged", "refused"]


class Named(Protocol):
    """What every imported item has."""

    external_id: str


N = TypeVar("N", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Outcome:
    external_id: str | None
    result: Result
    id: UUID | None = None
    version: int | None = None
    why: Exception | None = None


class Outcomes(Generic[T]):
    """One for each item, in their order."""

    def __init__(self, work: UnitOfWork, items: Sequence[Item[Any]]) -> None:
        self._work = work
        self._found: list[Outcome | None] = [
            None if item.wrong is None else Outcome(item.external_id, "refused", why=item.wrong) for item in items
        ]
        self._leaving: list[tuple[int, Encoded[T]]] = []

    def decide(self, at: int, external_id: str, decision: Callable[[], Change[T] | None], held: Outcome | None) -> None:
        """Takes the decision and encodes its events; what refuses it concerns this item only. None: unchanged."""
        try:
            change = decision()
            if change is None:
                self._found[at] = held
                return
            encoded = (change, self._work.encode(change))
        except (Refused, InvalidEvent) as why:
            self._found[at] = Outcome(external_id, "refused", why=why)
            return
        result: Result = "updated" if change.was_at else "created"
        self._found[at] = Outcome(external_id, result, change.aggregate_id, change.version)
        self._leaving.append((at, encoded))

    def put(self, at: int, outcome: Outcome) -> None:
        self._found[at] = outcome

    def save(self, rows: Rows[T]) -> list[Outcome]:
        """Saves all changes and gives the outcome of each item."""
        refused = self._work.save_all(rows, [encoded for _, encoded in self._leaving]) if self._leaving else {}
        for at, (change, _) in self._leaving:
            if change.aggregate_id in refused:
                self._found[at] = Outcome(self._at(at).external_id, "refused", why=refused[change.aggregate_id])
        return [self._at(at) for at in range(len(self._found))]

    def _at(self, at: int) -> Outcome:
        found = self._found[at]
        if found is None:
            raise AssertionError(f"item {at} has no outcome")
        return found


def readable(items: Sequence[Item[N]], outcomes: Outcomes[Any]) -> Iterator[tuple[int, N]]:
    """The items that could be read, each external id once: a second one is refused."""
    seen: set[str] = set()
    for at, item in enumerate(items):
        if item.value is None:
            continue
        external_id = item.external_id or ""
        if external_id in seen:
            why = Conflict(f"{external_id} is in this call already.")
            outcomes.put(at, Outcome(external_id, "refused", why=why))
            continue
        seen.add(external_id)
        yield at, item.value


def fingerprint(item: BaseModel) -> bytes:
    """Stands for the whole item: the same again means there is nothing to do."""
    return blake2b(item.model_dump_json().encode(), digest_size=16).digest()
