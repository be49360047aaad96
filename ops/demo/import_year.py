"""Imports a grocer's year into the shops in batches over the import API, catalogue first, two calls at a time."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC
from itertools import islice
from typing import Any, Final
from zlib import crc32

from ops.demo.grocer_source import CURRENCY, Basket, Grocer, GrocerProduct
from ops.demo.import_pace import Pace
from ops.demo.shop_client import Answer, Shop

BATCH: Final = 500
_AT_ONCE: Final = 2

Advance = Callable[[int], None]


@dataclass(slots=True)
class Tally:
    """What the shops hold of the source after an import; `events` is how many events these aggregates have had."""

    categories: int = 0
    products: int = 0
    orders: int = 0
    lines: int = 0
    events: int = 0
    written: int = 0


def take_in(grocer: Grocer, store: int, shop: Shop, tally: Tally, pace: Pace, advance: Advance) -> None:
    """Imports one store. Everything has the source's own id, so that doing it again changes nothing."""
    take_in_catalogue(grocer.products(store), shop, tally, pace, advance)
    for basket_batch in _batches(grocer.baskets(store), BATCH * 8):
        _count(tally, _sent(shop, "orders", map(_order, basket_batch), pace, advance))
        tally.orders += len(basket_batch)
        tally.lines += sum(len(basket.lines) for basket in basket_batch)


def take_in_catalogue(
    products: Sequence[GrocerProduct], shop: Shop, tally: Tally, pace: Pace, advance: Advance
) -> None:
    """Departments, products, and once how many there are of each."""
    departments, categories = _tree(products)
    for level in (departments, categories):
        _count(tally, _sent(shop, "categories", level, pace, lambda _: None))
    tally.categories += len(departments) + len(categories)
    _count(tally, _sent(shop, "products", map(_product, products), pace, advance))
    tally.products += len(products)
    _count_stock(shop, products, pace)


def _count_stock(shop: Shop, products: Sequence[GrocerProduct], pace: Pace) -> None:
    """Once: afterwards it is the shop's."""
    if not shop.get("/v1/stock", limit=1)["items"]:
        for _ in _sent(shop, "stock", map(_stock, products), pace, lambda _: None):
            pass


def _sent(
    shop: Shop, kind: str, items: Iterable[dict[str, Any]], pace: Pace, advance: Advance
) -> Iterator[dict[str, Any]]:
    def send(batch: Sequence[dict[str, Any]]) -> Answer:
        pace.wait()
        return shop.take_in(kind, batch)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for answer in pool.map(send, list(_batches(items, BATCH))):
            advance(len(answer["items"]))
            yield from answer["items"]


def _count(tally: Tally, items: Iterable[dict[str, Any]]) -> None:
    for item in items:
        tally.events += item["version"]
        tally.written += item["outcome"] != "unchanged"


def _batches(items: Iterable[Any], size: int) -> Iterator[Sequence[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _tree(products: Sequence[GrocerProduct]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Departments, and below them the source's categories."""
    departments = sorted({product.department for product in products})
    categories = sorted({(product.department, product.category) for product in products if product.category})
    return (
        [_category(department, department, None) for department in departments],
        [_category(f"{department}/{name}", name, department) for department, name in categories],
    )


def _category(external_id: str, name: str, parent: str | None) -> dict[str, Any]:
    text = {"locale": "en", "name": name, "slug": _slug(external_id)}
    return {"external_id": external_id, "parent": parent, "translations": [text]}


def _product(product: GrocerProduct) -> dict[str, Any]:
    title = {"locale": "en", "title": product.title, "handle": f"{_slug(product.title)[:80]}-{product.external_id}"}
    inner = f"{product.department}/{product.category}" if product.category else product.department
    return {
        "external_id": product.external_id,
        "brand": product.brand,
        "translations": [title],
        "categories": [inner],
        "variants": [
            {"sku": product.external_id, "prices": [{"currency": CURRENCY, "amount_minor": product.price_minor}]}
        ],
    }


def _stock(product: GrocerProduct) -> dict[str, Any]:
    """The source does not say how many there are: the same numbers each time, a few of them low, a few out of stock."""
    return {"sku": product.external_id, "on_hand": crc32(product.external_id.encode()) % 50, "low_threshold": 4}


def _order(basket: Basket) -> dict[str, Any]:
    """A till confirms and takes the money at once."""
    at = basket.at.replace(tzinfo=UTC).isoformat()
    return {
        "external_id": basket.external_id,
        "customer_ref": basket.household,
        "currency": CURRENCY,
        "lines": [
            {
                "sku": line.sku,
                "quantity": line.quantity,
                "unit": line.unit,
                "unit_price_minor": line.unit_price_minor,
                "list_price_minor": line.list_price_minor,
                "adjustment_minor": line.adjustment_minor,
                "discount_minor": line.discount_minor,
            }
            for line in basket.lines
        ],
        "placed_at": at,
        "confirmed_at": at,
        "paid_at": at,
        "payment_id": f"till-{basket.external_id}",
    }


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
