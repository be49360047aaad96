"""Takes in products: new ones are made, different ones changed and brought to their status."""

from collections.abc import Callable, Sequence
from uuid import UUID

from api.domain import products as domain
from api.domain.changes import Change, Versioned
from api.domain.errors import FieldError, Invalid, Taken
from api.http.bodies.items import Item
from api.http.bodies.products import ImportedProduct
from api.store.import_fingerprints import Imported
from api.store.unit_of_work import UnitOfWork
from api.use_cases.imports.item_results import Outcome, Outcomes, fingerprint, readable
from api.use_cases.products.assemble_product import assemble
from schemas.events.product import Product


def take_in(work: UnitOfWork, items: Sequence[Item[ImportedProduct]]) -> list[Outcome]:
    outcomes: Outcomes[Product] = Outcomes(work, items)
    given = list(readable(items, outcomes))
    before = work.products.imported(one.external_id for _, one in given)
    different: list[tuple[int, ImportedProduct, bytes]] = []
    for at, one in given:
        stamp = fingerprint(one)
        there = before.get(one.external_id)
        if there is not None and there.fingerprint == stamp:
            outcomes.put(at, _unchanged(one, there))
        else:
            different.append((at, one, stamp))
    if different:
        shelf = _Shelf(work, [one for _, one, _ in different], before)
        for at, one, stamp in different:
            there = before.get(one.external_id)
            held = None if there is None else _unchanged(one, there)
            outcomes.decide(at, one.external_id, shelf.decision(one, stamp), held)
    return outcomes.save(work.products)


class _Shelf:
    """What is there: the products to change, the categories, and who has which SKU and handle."""

    def __init__(self, work: UnitOfWork, given: Sequence[ImportedProduct], before: dict[str, Imported]) -> None:
        self._work = work
        self._ids = {external_id: there.id for external_id, there in before.items()}
        wanted = [self._ids[one.external_id] for one in given if one.external_id in self._ids]
        self._held = work.products.load(wanted) if wanted else {}
        self._paths = work.categories.paths_by_external_id({name for one in given for name in one.categories})
        self._skus = work.products.taken_skus(variant.sku for one in given for variant in one.variants)
        self._handles: dict[tuple[str, str], UUID] = {}
        self._wanted = {one.external_id: self._assembled(one) for one in given}
        self._handles = work.products.taken_handles(
            {(text.locale, text.handle) for product in self._wanted.values() for text in product.translations}
        )

    def decision(self, one: ImportedProduct, stamp: bytes) -> Callable[[], Change[Product] | None]:
        return lambda: self._decide(one, stamp)

    def _decide(self, one: ImportedProduct, stamp: bytes) -> Change[Product] | None:
        wanted = self._wanted[one.external_id]
        self._check(one, wanted)
        held = self._old(one)
        change: Change[Product] | None
        if held is None:
            change = domain.create(wanted, self._work.now, stamp)
        else:
            change = domain.change(held, wanted, self._work.now, stamp)
            change = domain.bring_to(change, held, one.status, self._work.now, stamp)
        self._skus |= {variant.sku: wanted.id for variant in wanted.variants}
        self._handles |= {(text.locale, text.handle): wanted.id for text in wanted.translations}
        return change

    def _assembled(self, one: ImportedProduct) -> Product:
        held = self._old(one)
        return assemble(
            one,
            product_id=self._work.new_id() if held is None else held.value.id,
            external_id=one.external_id,
            status=one.status,
            translations=one.translations,
            given_variants=one.variants,
            placed=[self._paths[name] for name in dict.fromkeys(one.categories) if name in self._paths],
            work=self._work,
            old=None if held is None else held.value,
        )

    def _old(self, one: ImportedProduct) -> Versioned[Product] | None:
        own_id = self._ids.get(one.external_id)
        return None if own_id is None else self._held.get(own_id)

    def _check(self, one: ImportedProduct, wanted: Product) -> None:
        wrong = [
            FieldError(f"categories.{at}", "unknown_category", f"There is no category {name}.")
            for at, name in enumerate(one.categories)
            if name not in self._paths
        ]
        if wrong:
            raise Invalid("Some categories are not there.", wrong)
        for at, variant in enumerate(wanted.variants):
            if self._skus.get(variant.sku, wanted.id) != wanted.id:
                raise Taken(f"variants.{at}.sku", variant.sku)
        for at, text in enumerate(wanted.translations):
            if self._handles.get((text.locale, text.handle), wanted.id) != wanted.id:
                raise Taken(f"translations.{at}.handle", text.handle)


def _unchanged(one: ImportedProduct, there: Imported) -> Outcome:
    return Outcome(one.external_id, "unchanged", there.id, there.version)
