"""Products with prices of their own, of lists for everybody and of customer groups, in the search of a shop; and what
each of them costs whom, as it is decided for carts and orders.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from random import Random
from typing import Final
from uuid import uuid4

from api.domain import price_lists
from api.domain.list_prices import Tier, Wanted, price_of
from api.domain.price_lists import VariantPrices
from ops.settings import Settings
from schemas.events.price_list import PriceList
from schemas.events.product import Price, Product, ProductPublished
from schemas.events.product_prices import ProductPricesUpdated
from schemas.topics import CATEGORIES, PRODUCT_PRICES, PRODUCTS, STOCK
from sinks.freshness import Freshness
from sinks.search import product_documents
from sinks.sink import DocumentChange
from tests.integration.api.shops import Shop
from tests.support.examples import MOMENT, envelope, product, text, variant

#: One is how another begins, and all that a group may be called is in one.
GROUPS: Final = ("trade", "trade-plus", "trad", "a_0-z")
CURRENCIES: Final = ("EUR", "JPY", "USD")
#: What only a group pays, so that whoever is shown it was shown what is not theirs.
_DEAREST: Final = 10**15


@dataclass(frozen=True)
class Priced:
    """A product, and what is said of the prices of its variants."""

    product: Product
    variants: tuple[VariantPrices, ...]

    def amounts(self, group: str | None, currency: str) -> list[int]:
        """What whoever is in this group pays for one of each variant."""
        wanted = Wanted(currency=currency, at=MOMENT, customer_group=group)
        found = (price_of(one.base, one.tiers, wanted) for one in self.variants)
        return sorted({one.amount_minor for one in found if one is not None})


def made_catalogue(number: int = 60) -> tuple[Priced, ...]:
    chosen = Random(14)  # the same catalogue each time
    lists = [
        _list(group, currency, chosen.randint(0, 9)) for group in (None, *GROUPS) for currency in CURRENCIES
    ]  # fmt: skip
    return tuple(_priced(n, chosen, lists) for n in range(number))


def put_into_search(settings: Settings, shop: Shop, catalogue: Sequence[Priced]) -> None:
    with closing(product_documents.MODEL.sink(settings)) as sink:
        sink.open()
        assert not sink.write(list(_changes(shop, catalogue)), {})
        topics = (PRODUCTS, PRODUCT_PRICES, STOCK, CATEGORIES)
        places = [f"{topic.name}/{number}" for topic in topics for number in range(topic.partitions)]
        sink.publish(Freshness(dict.fromkeys(places, MOMENT)))


def price_for_trade(settings: Settings, shop: Shop, of: Product, amount_minor: int) -> None:
    """What the group `trade` pays for one of any variant of a product that is in search already."""
    tier = Tier(
        price_list=_list("trade", "EUR", 0), from_quantity=1, amount_minor=amount_minor, compare_at_minor=None
    )  # fmt: skip
    priced = Priced(of, tuple(VariantPrices(one.id, one.prices, (tier,)) for one in of.variants))
    with closing(product_documents.MODEL.sink(settings)) as sink:
        sink.open()
        assert not sink.write([prices_change(shop, priced)], {})
        sink.publish(Freshness({f"{PRODUCTS.name}/0": MOMENT}))


def prices_change(shop: Shop, one: Priced, version: int = 1) -> DocumentChange:
    nothing = price_lists.nothing_said(uuid4(), one.product.id).value
    prices = price_lists.prices_of(nothing, one.variants, MOMENT)
    named = envelope(
        "product_prices.updated", tenant_id=shop.id, aggregate_id=prices.id, aggregate_version=version
    )  # fmt: skip
    return product_documents.price_part(named, ProductPricesUpdated(product_prices=prices, changed=("list_prices",)))


def _changes(shop: Shop, catalogue: Sequence[Priced]) -> Iterator[DocumentChange]:
    for one in catalogue:
        named = envelope("product.published", tenant_id=shop.id, aggregate_id=one.product.id)
        yield product_documents.product_document(named, ProductPublished(product=one.product))
        if any(its.tiers for its in one.variants):
            yield prices_change(shop, one)


def _list(group: str | None, currency: str, priority: int) -> PriceList:
    return PriceList(
        id=uuid4(),
        name="A list",
        currency=currency,
        customer_group=group,
        starts_at=None,
        ends_at=None,
        priority=priority,
        active=True,
        created_at=MOMENT,
    )


def _priced(number: int, chosen: Random, lists: Sequence[PriceList]) -> Priced:
    made = product(
        id=uuid4(),
        translations=(text("en", f"Thing {number:03}"),),
        brand=f"Brand {number % 3}",
        variants=tuple(
            variant(id=uuid4(), sku=f"T-{number}-{n}", prices=_own(chosen)) for n in range(chosen.randint(1, 3))
        ),
    )
    some = lists if chosen.random() < 0.7 else ()
    said = tuple(VariantPrices(one.id, one.prices, tuple(_tiers(chosen, some))) for one in made.variants)
    return Priced(made, said)


def _own(chosen: Random) -> tuple[Price, ...]:
    known = [currency for currency in CURRENCIES if chosen.random() < 0.7]
    return tuple(Price(currency=one, amount_minor=_amount(chosen), compare_at_minor=None) for one in known)


def _tiers(chosen: Random, lists: Sequence[PriceList]) -> Iterator[Tier]:
    for its in lists:
        if chosen.random() < 0.4:
            yield Tier(price_list=its, from_quantity=1, amount_minor=_amount(chosen), compare_at_minor=None)
        if chosen.random() < 0.2:  # nobody searches for ten
            yield Tier(price_list=its, from_quantity=10, amount_minor=7, compare_at_minor=None)


def _amount(chosen: Random) -> int:
    return chosen.choice((0, _DEAREST, chosen.randint(1, 99), chosen.randint(100, 9999), chosen.randint(10_000, 10**9)))
