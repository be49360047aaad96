"""Sets many prices in price lists at once, each with its own outcome, and tells each product's prices once."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from api.domain import price_lists as domain
from api.domain.changes import Versioned
from api.domain.errors import Conflict, Invalid, Refused
from api.domain.list_prices import Tier, discounted
from api.domain.price_lists import VariantPrices, check_tier
from api.store.list_prices import Entry
from api.store.stock import KnownVariant
from api.store.unit_of_work import UnitOfWork
from api.use_cases.imports.item_results import ItemResult, Result
from api.use_cases.imports.items import Item
from api.use_cases.prices.commands import ImportedPrice, ListedPrice
from api.use_cases.require_found import found
from schemas.events.price_list import PriceList
from schemas.events.product import Price
from schemas.events.product_prices import ProductPrices

P = TypeVar("P", bound=ListedPrice)


def import_prices(work: UnitOfWork, items: Sequence[Item[ImportedPrice]]) -> list[ItemResult]:
    """What became of each, in their order; `external_id` is the SKU."""
    lists = work.price_lists.by_name({item.value.price_list for item in items if item.value is not None})
    return _set(work, items, lambda one: lists.get(one.price_list))


def set_listed_prices(work: UnitOfWork, list_id: UUID, items: Sequence[Item[ListedPrice]]) -> list[ItemResult]:
    """The same, in one list. Raises `NotFound`."""
    found(work.price_lists.get, "price_list", list_id)
    return _set(work, items, lambda _: list_id)


def _set(work: UnitOfWork, items: Sequence[Item[P]], list_of: Callable[[P], UUID | None]) -> list[ItemResult]:
    given = [item.value for item in items if item.value is not None]
    lists = work.price_lists.share({id_ for one in given if (id_ := list_of(one)) is not None})
    variants = work.stock.variants_of({one.sku for one in given})
    product_ids = {variant.product_id for variant in variants.values()}
    told = work.told_prices.hold(product_ids)
    told |= {id_: domain.nothing_said(work.new_id(), id_) for id_ in product_ids - told.keys()}
    shelf = _Shelf(work, lists, variants, work.list_prices.of_products(product_ids))
    results: list[ItemResult] = []
    for item in items:
        if item.value is None:
            results.append(ItemResult(item.external_id, "refused", why=item.wrong))
            continue
        try:
            outcome = shelf.decide(item.value, list_of(item.value))
        except Refused as why:
            results.append(ItemResult(item.value.sku, "refused", why=why))
            continue
        results.append(ItemResult(item.value.sku, outcome, variants[item.value.sku].product_id))
    work.list_prices.remove(shelf.removed)
    work.list_prices.put(shelf.put)
    now = {one.value.product_id: one for one in tell(work, [told[id_] for id_ in sorted(shelf.products)])}
    return [_versioned(result, told | now) for result in results]


def tell(work: UnitOfWork, held: Sequence[Versioned[ProductPrices]]) -> list[Versioned[ProductPrices]]:
    """Those whose prices are not as they were told last, as they are told now. They are held already."""
    if not held:
        return []
    at = work.list_prices.clock()
    said = work.list_prices.of_products([one.value.product_id for one in held])
    renewed = (domain.renew(one, domain.prices_of(one.value, said[one.value.product_id], at), work.now) for one in held)
    changes = [change for change in renewed if change is not None]
    return work.save_many(work.told_prices, changes) if changes else []


class _Shelf:
    """What lists say of these variants, before this call and after it."""

    def __init__(
        self,
        work: UnitOfWork,
        lists: Mapping[UUID, PriceList],
        variants: Mapping[str, KnownVariant],
        said: Mapping[UUID, Sequence[VariantPrices]],
    ) -> None:
        self._lists = lists
        self._variants = variants
        self._said = _by_variant(said)
        self._groups = {product_id: domain.groups_of(its) for product_id, its in said.items()}
        before = work.list_prices.entries(set(lists), {variant.id for variant in variants.values()})
        self._before = {entry.key: entry for entry in before}
        self._named: set[tuple[UUID, UUID, int]] = set()
        self.put: list[Entry] = []
        self.removed: list[Entry] = []

    @property
    def products(self) -> set[UUID]:
        return {entry.product_id for entry in (*self.put, *self.removed)}

    def decide(self, one: ListedPrice, list_id: UUID | None) -> Result:
        """Raises `Refused`."""
        price_list = None if list_id is None else self._lists.get(list_id)
        if price_list is None:
            raise Invalid.field("price_list", "unknown_price_list", "There is no price list of this name.")
        variant = self._variants.get(one.sku)
        if variant is None:
            raise Invalid.field("sku", "unknown_sku", f"There is no {one.sku}.")
        key = (price_list.id, variant.id, one.from_quantity)
        if key in self._named:
            raise Conflict(f"{one.sku} from {one.from_quantity} on is in this call already.")
        self._named.add(key)
        before = self._before.get(key)
        if one.remove:
            if before is None:
                return "unchanged"
            self.removed.append(before)
            return "updated"
        wanted = self._wanted(one, price_list, variant)
        if wanted == before:
            return "unchanged"
        group, groups = price_list.customer_group, self._groups[variant.product_id]
        if group is not None and group not in groups:
            domain.check_groups({*groups, group})
            groups.add(group)
        self.put.append(wanted)
        return "created" if before is None else "updated"

    def _wanted(self, one: ListedPrice, price_list: PriceList, variant: KnownVariant) -> Entry:
        amount, compare_at = one.amount_minor, one.compare_at_minor
        if one.off_bp is not None:
            own = self._own_price(variant, price_list)
            amount = discounted(own.amount_minor, one.off_bp)
            compare_at = own.amount_minor
        if amount is None:
            raise Invalid.field("amount_minor", "missing", "There is no amount.")
        check_tier(
            Tier(
                price_list=price_list,
                from_quantity=one.from_quantity,
                amount_minor=amount,
                compare_at_minor=compare_at,
            )
        )
        return Entry(
            list_id=price_list.id,
            variant_id=variant.id,
            product_id=variant.product_id,
            from_quantity=one.from_quantity,
            amount_minor=amount,
            compare_at_minor=compare_at,
        )

    def _own_price(self, variant: KnownVariant, price_list: PriceList) -> Price:
        own = self._said[variant.id].base if variant.id in self._said else ()
        found_ = next((price for price in own if price.currency == price_list.currency), None)
        if found_ is None:
            raise Invalid.field("off_bp", "no_price", f"{variant.sku} has no price in {price_list.currency}.")
        return found_


def _by_variant(said: Mapping[UUID, Sequence[VariantPrices]]) -> dict[UUID, VariantPrices]:
    return {one.variant_id: one for of_product in said.values() for one in of_product}


def _versioned(result: ItemResult, told: Mapping[UUID, Versioned[ProductPrices]]) -> ItemResult:
    """With what is told of the prices of its product, and the version of that; not where nothing was told as yet."""
    its = None if result.id is None else told[result.id]
    if its is None or its.version == 0:
        return ItemResult(result.external_id, result.result, why=result.why)
    return ItemResult(result.external_id, result.result, its.value.id, its.version)
