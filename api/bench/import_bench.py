"""Measures how many products and past orders a shop takes in in a second, in calls of 500, and changes many at once."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import click
import httpx
import orjson

from api.bench.bulk_load import bulk_load
from api.bench.scratch_shop import ScratchShop, scratch_shop
from api.bench.served_app import Served, serving
from api.bench.shop_bench import API
from api.use_cases.imports.items import MOST_ITEMS
from ops.bench.figures import Figure, show, tell
from ops.failure import Failure
from ops.settings import PREFIX, Settings

PRODUCTS_PER_S: Final = 1500.0
ORDERS_PER_S: Final = 800.0
#: Of an order.
_LINES: Final = 3
_LOCALES: Final = ("en", "de")
_ENVIRONMENT: Final = {f"{PREFIX}API_WORKERS": "2", f"{PREFIX}LIMIT_COMMANDS": "1000000000 per minute"}
Item = dict[str, Any]


@click.command()
@click.option(
    "--items", type=click.IntRange(500, 100_000), default=10_000, show_default=True, help="Of each kind, in all."
)
@click.option("--connections", type=click.IntRange(1, 16), default=2, show_default=True, help="That send at once.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def imports(items: int, connections: int, as_json: bool) -> None:
    """Products and orders taken in, in a second. Needs the stack's PostgreSQL."""
    settings = Settings()
    with scratch_shop(settings) as opened, serving(settings, API, {**opened.environment, **_ENVIRONMENT}) as served:

        def per_s(what: str, make: Callable[[int], Item], outcome: str) -> float:
            tell(f"{items:,} {what}, to be {outcome}: {connections} connections")
            return _per_s(opened, served, what, [make(number) for number in range(items)], outcome, connections)

        products = per_s("products", _product, "created")
        again = per_s("products", _product, "unchanged")
        orders = per_s("orders", _order, "created")
        with httpx.Client(base_url=served.url, headers=_authorized(opened), timeout=120) as client:
            bulk = bulk_load(client, connections)
    show(
        {
            "products_per_s": Figure.of(products, PRODUCTS_PER_S, "products/s created, of at least"),
            "orders_per_s": Figure.of(orders, ORDERS_PER_S, f"orders/s of {_LINES} lines created, of at least"),
            "unchanged": Figure.of(again, products, "products/s sent again as they are, beside new ones"),
            "tagged": Figure.of(bulk.tagged, bulk.one_by_one, "products/s tagged in calls of many, beside one by one"),
            "adjusted": Figure.of(bulk.adjusted, bulk.one_by_one, "stock/s adjusted in calls of many, beside that"),
        },
        as_json=as_json,
    )


def _per_s(opened: ScratchShop, served: Served, what: str, items: list[Item], outcome: str, connections: int) -> float:
    """Bodies are made before the clock runs. Everything must come to what is expected of it."""
    bodies = [orjson.dumps({"items": part}) for part in _parts(items)]
    headers = {**_authorized(opened), "Content-Type": "application/json"}
    with (
        httpx.Client(base_url=served.url, headers=headers, timeout=120) as client,
        ThreadPoolExecutor(connections) as senders,
    ):
        began = time.perf_counter()
        answers = list(senders.map(lambda body: client.post(f"/v1/imports/{what}", content=body), bodies))
        lasted = time.perf_counter() - began
    done = sum(int(answer.json().get(outcome, 0)) for answer in answers)
    if done != len(items):
        raise Failure(f"{done} of {len(items)} {what} were {outcome}: {answers[0].text[:300]}", "Is the stack up?")
    return done / lasted


def _authorized(opened: ScratchShop) -> dict[str, str]:
    return {"Authorization": f"Bearer {opened.token}"}


def _parts(items: list[Item]) -> Iterator[list[Item]]:
    for at in range(0, len(items), MOST_ITEMS):
        yield items[at : at + MOST_ITEMS]


def _product(number: int) -> Item:
    return {
        "external_id": f"article-{number}",
        "translations": [
            {"locale": locale, "title": f"Cheese {number} ({locale})", "description": "Blue, and good with bread."}
            for locale in _LOCALES
        ],
        "variants": [{"sku": f"ARTICLE-{number}", "prices": [{"currency": "EUR", "amount_minor": 100 + number % 900}]}],
    }


def _order(number: int) -> Item:
    return {
        "external_id": f"order-{number}",
        "customer_ref": f"household-{number % 500}",
        "lines": [
            {"sku": f"ARTICLE-{(number + line) % MOST_ITEMS}", "quantity": 1 + line, "unit_price_minor": 150}
            for line in range(_LINES)
        ],
        "placed_at": "2026-03-01T10:00:00Z",
        "confirmed_at": "2026-03-01T10:01:00Z",
        "paid_at": "2026-03-01T10:02:00Z",
        "payment_id": f"p-{number}",
    }
