"""Takes in products: new ones are made, different ones changed and brought to their status."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from api.domain import products as domain
from api.domain.changes import Decision, Versioned
from api.domain.errors import Taken
from api.store.import_fingerprints import Imported
from api.store.unit_of_work import UnitOfWork
from api.use_cases.imports.import_items import Decide, import_items
from api.use_cases.imports.item_results import ItemResult
from api.use_cases.imports.items import Item
from api.use_cases.products.category_paths import category_paths
from api.use_cases.products.commands import ImportedProduct
from api.use_cases.products.product_parts import assemble
from api.use_cases.stock.manage_stock import forget_lost_variants
from schemas.article_codes import code_key
from schemas.events.product import Product


def import_products(work: UnitOfWork, items: Sequence[Item[ImportedProduct]]) -> list[ItemResult]:
    """What became of each, in their order."""

    def prepare(given: Sequence[ImportedProduct], before: Mapping[str, Imported]) -> Decide[ImportedProduct, Product]:
        return _Shelf(work, given, before).decide

    return import_items(work, work.products, items, prepare)


class _Shelf:
    """What is there: the products to change, the categories, and who has which SKU and handle."""

    def __init__(self, work: UnitOfWork, given: Sequence[ImportedProduct], before: Mapping[str, Imported]) -> None:
        self._work = work
        self._ids = {external_id: there.id for external_id, there in before.items()}
        self._related = self._known(given)
        self._made = {one.external_id: work.new_id() for one in given if one.external_id not in self._ids}
        wanted = [self._ids[one.external_id] for one in given if one.external_id in self._ids]
        self._held = work.products.load(wanted) if wanted else {}
        self._paths = work.categories.paths_by_external_id({name for one in given for name in one.categories})
        self._skus = work.products.taken_skus(variant.sku for one in given for variant in one.variants)
        self._handles: dict[tuple[str, str], UUID] = {}
        self._wanted = {one.external_id: self._assembled(one) for one in given}
        self._handles = work.products.taken_handles(
            {(text.locale, text.handle) for product in self._wanted.values() for text in product.translations}
        )

    def decide(self, one: ImportedProduct, stamp: bytes) -> Decision[Product] | None:
        wanted = self._wanted[one.external_id]
        self._check(one, wanted)
        held = self._old(one)
        known = stamp if self._related.keys() >= set(one.related) else None  # else it is looked at again
        change: Decision[Product] | None
        if held is None:
            change = domain.create(wanted, self._work.now, known)
        else:
            change = domain.change(held, wanted, self._work.now, known)
            change = domain.bring_to(change, held, one.status, self._work.now, known)
        if held is not None and change is not None:
            self._forget_lost(held.value, change.value)
        self._skus |= {code_key(variant.sku): wanted.id for variant in wanted.variants}
        self._handles |= {(text.locale, text.handle): wanted.id for text in wanted.translations}
        return change

    def _forget_lost(self, old: Product, new: Product) -> None:
        """The stock of variants that are left out goes with them."""
        left = [variant.id for variant in new.variants]
        if any(variant.id not in left for variant in old.variants):
            forget_lost_variants(self._work, new.id, left)

    def _assembled(self, one: ImportedProduct) -> Product:
        held = self._old(one)
        return assemble(
            one,
            product_id=self._made[one.external_id] if held is None else held.value.id,
            status=one.status,
            placed=[self._paths[name] for name in dict.fromkeys(one.categories) if name in self._paths],
            related_ids=[id_ for name in one.related if (id_ := self._related.get(name) or self._made.get(name))],
            work=self._work,
            old=None if held is None else held.value,
        )

    def _known(self, given: Sequence[ImportedProduct]) -> dict[str, UUID]:
        """Related products that were there before."""
        named = {name for one in given for name in one.related}
        return {name: there.id for name, there in self._work.products.imported(named).items()} if named else {}

    def _old(self, one: ImportedProduct) -> Versioned[Product] | None:
        own_id = self._ids.get(one.external_id)
        return None if own_id is None else self._held.get(own_id)

    def _check(self, one: ImportedProduct, wanted: Product) -> None:
        category_paths(one.categories, self._paths, "categories")
        for at, variant in enumerate(wanted.variants):
            if self._skus.get(code_key(variant.sku), wanted.id) != wanted.id:
                raise Taken(f"variants.{at}.sku", variant.sku)
        for at, text in enumerate(wanted.translations):
            if self._handles.get((text.locale, text.handle), wanted.id) != wanted.id:
                raise Taken(f"translations.{at}.handle", text.handle)
