"""Takes in collections: new ones are made, different ones changed and brought to their status."""

from collections.abc import Mapping, Sequence

from api.domain import collections as domain
from api.domain.changes import Decision, Versioned
from api.domain.errors import FieldError, Invalid, Taken
from api.store.import_fingerprints import Imported
from api.store.unit_of_work import UnitOfWork
from api.use_cases.collections.collection_parts import rule, texts
from api.use_cases.collections.commands import ImportedCollection
from api.use_cases.imports.import_items import Decide, import_items
from api.use_cases.imports.item_results import ItemResult
from api.use_cases.imports.items import Item
from schemas.events.collection import Collection


def import_collections(work: UnitOfWork, items: Sequence[Item[ImportedCollection]]) -> list[ItemResult]:
    """What became of each, in their order."""

    def prepare(
        given: Sequence[ImportedCollection], before: Mapping[str, Imported]
    ) -> Decide[ImportedCollection, Collection]:
        return _Shelf(work, given, before).decide

    return import_items(work, work.collections, items, prepare)


class _Shelf:
    """What is there: the collections to change, products and categories by their names, and who has which handle."""

    def __init__(self, work: UnitOfWork, given: Sequence[ImportedCollection], before: Mapping[str, Imported]) -> None:
        self._work = work
        self._ids = {external_id: there.id for external_id, there in before.items()}
        wanted = [self._ids[one.external_id] for one in given if one.external_id in self._ids]
        self._held = work.collections.hold_all(wanted) if wanted else {}
        named = {name for one in given for name in one.products}
        self._products = {name: there.id for name, there in work.products.imported(named).items()} if named else {}
        categories = {name for one in given for _, name in _categories(one)}
        paths = work.categories.paths_by_external_id(categories) if categories else {}
        self._categories = {name: path[-1] for name, path in paths.items()}
        chosen = {(text.locale, text.handle) for one in given for text in one.translations if text.handle is not None}
        self._handles = work.collections.taken_handles(chosen) if chosen else {}

    def decide(self, one: ImportedCollection, stamp: bytes) -> Decision[Collection] | None:
        held = self._held.get(self._ids[one.external_id]) if one.external_id in self._ids else None
        wanted = self._wanted(one, held)
        change: Decision[Collection] | None
        if held is None:
            change = domain.create(wanted, self._work.now, stamp)
        else:
            change = domain.change(held, wanted, self._work.now, stamp)
            change = domain.bring_to(change, held, one.status, self._work.now, stamp)
        self._handles |= {(text.locale, text.handle): wanted.id for text in wanted.translations}
        return change

    def _wanted(self, one: ImportedCollection, held: Versioned[Collection] | None) -> Collection:
        self._require_known(one)
        id_ = self._work.new_id() if held is None else held.value.id
        made = Collection(
            id=id_,
            external_id=one.external_id,
            status=one.status,
            translations=texts(id_, one.translations, () if held is None else held.value.translations),
            rule=rule(one.rule, self._categories),
            product_ids=tuple(self._products[name] for name in one.products),
            created_at=self._work.now if held is None else held.value.created_at,
            updated_at=self._work.now,
        )
        for at, text in enumerate(made.translations):
            if self._handles.get((text.locale, text.handle), id_) != id_:
                raise Taken(f"translations.{at}.handle", text.handle)
        return made

    def _require_known(self, one: ImportedCollection) -> None:
        """Raises `Invalid` that names the products and categories which are not there."""
        wrong = [
            FieldError(f"products.{at}", "unknown_product", f"There is no product {name}.")
            for at, name in enumerate(one.products)
            if name not in self._products
        ]
        wrong += [
            FieldError(field, "unknown_category", f"There is no category {name}.")
            for field, name in _categories(one)
            if name not in self._categories
        ]
        if wrong:
            raise Invalid("Some of what it names is not there.", wrong)


def _categories(one: ImportedCollection) -> list[tuple[str, str]]:
    """The categories that its rule names, by external id, each with the path of the field it is in."""
    return [
        (f"rule.conditions.{at}.values.{number}", name)
        for at, condition in enumerate(one.rule.conditions if one.rule else ())
        if condition.field == "category"
        for number, name in enumerate(condition.values)
    ]
