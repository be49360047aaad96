"""Compares every document of a read model, field by field, with the fold of the write model.

Both move while they are compared, so a difference counts only when it is still there after this: the write model is
read, then the read model is waited for until it says that it holds everything committed by then, it is read, and the
write model is read once more. What the write model said both times alike the read model must hold. What changed in
between is looked at again; an aggregate that never rests is counted as moving, not as wrong.
"""

import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from schemas.write_model import Owner, Stated, WriteModel
from sinks.document_differences import KINDS, DocumentDifference, between
from sinks.freshness import Freshness
from sinks.published_models import PublishedModel
from sinks.read_model import Projection, ReadModel
from sinks.sink import DocumentChange

ROUNDS: Final = 5
DEADLINE_S: Final = 60.0
_PAGE: Final = 500
_POLL_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class DocumentScope:
    """Where a document is or should be."""

    projection: Projection
    tenant_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`checked` counts documents; `moving` are those that changed too often to be judged."""

    as_of: datetime | None
    checked: int
    moving: int
    differences: tuple[DocumentDifference, ...]

    def of_kind(self, kind: str) -> int:
        return sum(1 for one in self.differences if one.kind == kind)

    @property
    def counted(self) -> str:
        """How many differ, by kind, for people."""
        return ", ".join(f"{self.of_kind(kind)} {kind}" for kind in KINDS)


class DoesNotAdvance(Exception):
    """The read model does not come to hold what is committed, so nothing can be said about it."""


class Verifying:
    """One read model against the write model. `report` is told how many were checked so far.

    `across_gaps`: also while nobody vouches for it because of a gap, which is what closing one begins with.
    """

    def __init__(
        self,
        model: ReadModel,
        published: PublishedModel,
        truth: WriteModel,
        *,
        report: Callable[[int], None] = lambda checked: None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        across_gaps: bool = False,
    ) -> None:
        self._across_gaps = across_gaps
        self._model = model
        self._published = published
        self._truth = truth
        self._report = report
        self._sleep = sleep
        self._clock = clock

    def full(self, slugs: Collection[str] = ()) -> Finding:
        """Every document of these tenants; without any, of all, and documents of nobody."""
        suspects: dict[DocumentScope, set[UUID]] = {}
        checked = 0
        for place in self._places(slugs):
            for documents, wrong in self._pages(place):
                checked += documents
                self._report(checked)
                if wrong:
                    suspects.setdefault(place, set()).update(wrong)
        return self._settled(suspects, checked)

    def sampled(self, number: int, slugs: Collection[str] = ()) -> Finding:
        """About so many documents of each collection by chance: half as the write model has them, half as held."""
        places = self._places(slugs)
        suspects: dict[DocumentScope, set[UUID]] = {}
        checked = 0
        each = max(1, number // max(1, 2 * len(places) // len(self._model.projections)))
        for place in places:
            projection = place.projection
            ids = {*self._truth.sample(projection.aggregate, place.tenant_id, each)}
            ids.update(self._published.sample(projection.collection, place.tenant_id, each, projection.part))
            checked += len(ids)
            self._report(checked)
            wrong = {one.id for one in self._compare(place, ids)}
            if wrong:
                suspects[place] = wrong
        return self._settled(suspects, checked)

    def repair(self, found: Finding) -> Finding:
        """Removes what is in the way, has the rest emitted again, and looks whether these are right now."""
        suspects: dict[DocumentScope, set[UUID]] = defaultdict(set)
        made_by = {(projection.collection, projection.part): projection for projection in self._model.projections}
        for one in found.differences:
            suspects[DocumentScope(made_by[one.collection, one.part], one.tenant_id)].add(one.id)
        in_the_way = [one.held for one in found.differences if one.is_in_the_way and one.held is not None]
        if in_the_way:
            self._published.forget(in_the_way)
            self._wait(lambda: self._are_gone(in_the_way), "the documents that were removed are still seen")
        for place, ids in suspects.items():
            for some in _parts(sorted(ids)):
                self._truth.reemit(place.projection.aggregate, place.tenant_id, some)
        return self._settled(suspects, found.checked)

    def _places(self, slugs: Collection[str]) -> list[DocumentScope]:
        owners: list[Owner] = list(self._truth.owners(slugs))
        places = []
        for projection in self._model.projections:
            tenants = {owner.id for owner in owners}
            if not slugs:
                tenants.update(self._published.tenants(projection.collection))
            places += [DocumentScope(projection, tenant_id) for tenant_id in sorted(tenants)]
        return places

    def _pages(self, place: DocumentScope) -> Iterator[tuple[int, set[UUID]]]:
        """Both sides in order of id, side by side: how many were compared, and which of them are suspect."""
        projection, tenant_id = place.projection, place.tenant_id
        held = iter(self._published.documents(projection.collection, tenant_id, None, projection.part))
        upcoming = next(held, None)
        after: UUID | None = None
        while True:
            ids = self._truth.ids(projection.aggregate, tenant_id, after, _PAGE)
            last = ids[-1] if len(ids) == _PAGE else None
            beside: dict[UUID, DocumentChange] = {}
            while upcoming is not None and (last is None or upcoming.aggregate_id <= last) and len(beside) < 2 * _PAGE:
                beside[upcoming.aggregate_id] = upcoming
                upcoming = next(held, None)
            stated = self._truth.state(projection.aggregate, tenant_id, ids) if ids else {}
            shown = {one.aggregate_id for one in beside.values() if one.document is not None}
            compared = set(ids) | shown
            yield len(compared), {one.id for one in self._differences(place, compared, stated, beside)}
            if last is None and upcoming is None:
                return
            after = last or (max(beside) if beside else after)

    def _settled(self, suspects: Mapping[DocumentScope, Collection[UUID]], checked: int) -> Finding:
        """What is still different when both sides had time to agree."""
        found: list[DocumentDifference] = []
        left = {place: set(ids) for place, ids in suspects.items() if ids}
        for _ in range(ROUNDS):
            if not left:
                break
            before = {place: self._state(place, ids) for place, ids in left.items()}
            self._wait_until_held(self._truth.now())
            held = {place: self._held(place, ids) for place, ids in left.items()}
            after = {place: self._state(place, ids) for place, ids in left.items()}
            moved: dict[DocumentScope, set[UUID]] = {}
            for place, ids in left.items():
                for one in self._differences(place, ids, before[place], held[place]):
                    if _version(before[place], one.id) == _version(after[place], one.id):
                        found.append(one)
                    elif list(self._differences(place, [one.id], after[place], held[place])):
                        moved.setdefault(place, set()).add(one.id)
            left = moved
        return Finding(
            as_of=self._freshness().as_of,
            checked=checked,
            moving=sum(map(len, left.values())),
            differences=tuple(found),
        )

    def _compare(self, place: DocumentScope, ids: Collection[UUID]) -> list[DocumentDifference]:
        return list(self._differences(place, ids, self._state(place, ids), self._held(place, ids)))

    def _differences(
        self,
        place: DocumentScope,
        ids: Iterable[UUID],
        stated: Mapping[UUID, Stated],
        held: Mapping[UUID, DocumentChange],
    ) -> Iterator[DocumentDifference]:
        projection = place.projection
        for id_ in ids:
            said = stated.get(id_)
            wanted = None if said is None else self._folded(projection, said)
            one = between(projection.aggregate, held.get(id_), wanted, projection.incidental)
            if one is not None:
                yield one

    def _folded(self, projection: Projection, said: Stated) -> DocumentChange:
        change = projection.fold(said.envelope, said.event)
        document = None if change.document is None else self._published.as_held(change.document)
        return replace(change, document=document)

    def _state(self, place: DocumentScope, ids: Collection[UUID]) -> dict[UUID, Stated]:
        found: dict[UUID, Stated] = {}
        for part in _parts(ids):
            found |= self._truth.state(place.projection.aggregate, place.tenant_id, part)
        return found

    def _held(self, place: DocumentScope, ids: Collection[UUID]) -> Mapping[UUID, DocumentChange]:
        projection = place.projection
        return self._published.some(projection.collection, place.tenant_id, ids, projection.part)

    def _wait_until_held(self, moment: datetime) -> None:
        def holds() -> bool:
            as_of = self._freshness().as_of
            return as_of is not None and as_of > moment

        self._wait(holds, f"{self._model.name} does not come to hold what was committed at {moment.isoformat()}")

    def _freshness(self) -> Freshness:
        found = self._published.freshness()
        return found.withholding("") if self._across_gaps and found.state == "gap" else found

    def _are_gone(self, unwanted: Iterable[DocumentChange]) -> bool:
        def held(one: DocumentChange) -> DocumentChange | None:
            found = self._published.some(one.collection, one.tenant_id, [one.aggregate_id], one.part_name)
            return found.get(one.aggregate_id)

        return not any(held(one) == one for one in unwanted)

    def _wait(self, condition: Callable[[], bool], otherwise: str) -> None:
        deadline = self._clock() + DEADLINE_S
        while not condition():
            if self._clock() > deadline:
                raise DoesNotAdvance(otherwise)
            self._sleep(_POLL_S)


def _version(stated: Mapping[UUID, Stated], id_: UUID) -> int | None:
    said = stated.get(id_)
    return None if said is None else said.envelope.aggregate_version


def _parts(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    left = iter(ids)
    while part := list(itertools.islice(left, _PAGE)):
        yield part
