"""Imports many items in one unit of work: what came before is left as it is, the others are decided one by one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from api.domain.changes import Decision
from api.domain.errors import Conflict
from api.store.import_fingerprints import Imported
from api.store.unit_of_work import Rows, UnitOfWork
from api.use_cases.imports.item_results import ItemResult, ItemResults
from api.use_cases.imports.items import Item

T = TypeVar("T")
N = TypeVar("N", bound=BaseModel)
#: What is to become of an item, which its fingerprint stands for; None: nothing about it is different.
Decide = Callable[[N, bytes], Decision[T] | None]


class ImportedRows(Rows[T], Protocol[T]):
    """The tables of an aggregate that can be imported."""

    def imported(self, external_ids: Iterable[str]) -> Mapping[str, Imported]: ...


def import_items(
    work: UnitOfWork,
    rows: ImportedRows[T],
    items: Sequence[Item[N]],
    prepare: Callable[[Sequence[N], Mapping[str, Imported]], Decide[N, T]],
    in_order: Callable[[Sequence[tuple[int, N]]], Sequence[tuple[int, N]]] = lambda given: given,
) -> list[ItemResult]:
    """The result of each item. `prepare` gets the items that are different, looks up all they need, and decides."""
    results: ItemResults[T] = ItemResults(work, items)
    given = in_order(list(_readable(items, results)))
    before = rows.imported(_name(one) for _, one in given)
    different: list[tuple[int, N, bytes]] = []
    for at, one in given:
        stamp, there = _fingerprint(one), before.get(_name(one))
        if there is not None and there.fingerprint == stamp:
            results.put(at, _unchanged(one, there))
        else:
            different.append((at, one, stamp))
    if different:
        decide = prepare([one for _, one, _ in different], before)
        for at, one, stamp in different:
            there = before.get(_name(one))
            held = None if there is None else _unchanged(one, there)
            results.decide(at, _name(one), partial(decide, one, stamp), held)
    return results.save(rows)


def _readable(items: Sequence[Item[N]], results: ItemResults[Any]) -> Iterator[tuple[int, N]]:
    """The items that could be read, each external id once: a second one is refused."""
    seen: set[str] = set()
    for at, item in enumerate(items):
        if item.value is None:
            continue
        external_id = item.external_id or ""
        if external_id in seen:
            why = Conflict(f"{external_id} is in this call already.")
            results.put(at, ItemResult(external_id, "refused", why=why))
            continue
        seen.add(external_id)
        yield at, item.value


def _name(item: BaseModel) -> str:
    """Every imported item has one."""
    external_id: str = item.external_id  # type: ignore[attr-defined]
    return external_id


def _fingerprint(item: BaseModel) -> bytes:
    """Stands for the whole item: the same again means there is nothing to do."""
    return blake2b(item.model_dump_json().encode(), digest_size=16).digest()


def _unchanged(one: BaseModel, there: Imported) -> ItemResult:
    return ItemResult(_name(one), "unchanged", there.id, there.version)
