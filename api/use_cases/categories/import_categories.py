"""Takes in categories: parents before children, in whatever order they were sent."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from api.domain import categories as domain
from api.domain.changes import Decision
from api.domain.errors import Conflict, Invalid, Taken
from api.store.import_fingerprints import Imported
from api.store.unit_of_work import UnitOfWork
from api.use_cases.categories.category_texts import texts
from api.use_cases.categories.commands import ImportedCategory
from api.use_cases.categories.move_category import TREE
from api.use_cases.imports.import_items import Decide, import_items
from api.use_cases.imports.item_results import ItemResult
from api.use_cases.imports.items import Item
from schemas.events.category import Category, CategoryText


def import_categories(work: UnitOfWork, items: Sequence[Item[ImportedCategory]]) -> list[ItemResult]:
    """What became of each, in their order."""

    def prepare(given: Sequence[ImportedCategory], _: Mapping[str, Imported]) -> Decide[ImportedCategory, Category]:
        return _Tree(work, given).decide

    return import_items(work, work.categories, items, prepare, _parents_first)


class _Tree:
    """What is there, and what this call has added to it so far."""

    def __init__(self, work: UnitOfWork, given: Sequence[ImportedCategory]) -> None:
        self._work = work
        work.take_turns(TREE, alone=False)
        named = {one.external_id for one in given} | {one.parent for one in given if one.parent}
        self._there = work.categories.by_external_id(named)
        chosen = {(text.locale, text.slug) for one in given for text in one.translations if text.slug is not None}
        self._slugs = work.categories.taken_slugs(chosen)

    def decide(self, one: ImportedCategory, stamp: bytes) -> Decision[Category] | None:
        change = self._decide(one, stamp)
        if change is not None:
            self._there[one.external_id] = change.now
            self._slugs |= {(text.locale, text.slug): change.aggregate_id for text in change.value.translations}
        return change

    def _decide(self, one: ImportedCategory, stamp: bytes) -> Decision[Category] | None:
        parent = None if one.parent is None else self._there.get(one.parent)
        if one.parent is not None and parent is None:
            raise Invalid.field("parent", "unknown_category", f"There is no category {one.parent}.")
        held = self._there.get(one.external_id)
        own_id = self._work.new_id() if held is None else held.value.id
        made = texts(own_id, one.translations, () if held is None else held.value.translations)
        self._check(made, own_id)
        if held is None:
            return domain.create(
                category_id=own_id,
                external_id=one.external_id,
                parent=None if parent is None else parent.value,
                position=one.position,
                translations=made,
                now=self._work.now,
                fingerprint=stamp,
            )
        if held.value.parent_id != (None if parent is None else parent.value.id):
            raise Conflict("It has another parent, and an import moves nothing: POST /v1/categories/{id}/move does.")
        return domain.change(held, position=one.position, translations=made, now=self._work.now, fingerprint=stamp)

    def _check(self, made: Sequence[CategoryText], own_id: UUID) -> None:
        for text in made:
            if self._slugs.get((text.locale, text.slug), own_id) != own_id:
                raise Taken("translations.slug", text.slug)


def _parents_first(given: Sequence[tuple[int, ImportedCategory]]) -> list[tuple[int, ImportedCategory]]:
    """Each after its parent, if that is among them. Those that are their own ancestors come last, and are refused."""
    waiting = {one.external_id: (at, one) for at, one in given}
    ordered: list[tuple[int, ImportedCategory]] = []
    while ready := [pair for pair in waiting.values() if pair[1].parent not in waiting]:
        for pair in ready:
            ordered.append(pair)
            del waiting[pair[1].external_id]
    return [*ordered, *waiting.values()]
