"""Runs `rustok bench growth`: what each store grows by when orders come, beside the bytes of their events.

Each order is placed over HTTP with three counted articles, an address and an idempotency key, confirmed, paid, shipped
and delivered, in a shop of its own that stays. When the read models have all of it, everything is measured again.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import click
import psycopg

from ops import stack_state
from ops.bench import store_sizes
from ops.bench.figures import Figure, show, tell
from ops.demo.open_shops import open_shops
from ops.demo.shop_client import Shop
from ops.failure import Failure
from ops.growth import stack_files
from ops.growth.declared_growth import all_growth
from ops.settings import Settings

SLUG: Final = "growth-bench"
_PRODUCTS: Final = 20
_LINES: Final = 3
_AT_ONCE: Final = 4
_PATIENCE_S: Final = 300.0
_EVENTS: Final = """
    SELECT count(*), coalesce(sum(octet_length(payload)), 0) FROM outbox
    WHERE tenant_id = (SELECT id::text FROM tenants WHERE slug = %s)
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """`events` and `payload` of the shop's, which are in the outbox; `sizes` in bytes by name."""

    events: int
    payload: int
    sizes: Counter[str]


@click.command()
@click.option("--orders", type=click.IntRange(10, 100_000), default=300, show_default=True, help="To be placed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def growth(orders: int, as_json: bool) -> None:
    """What tables, topics, indices and files grow by for an order, on a running stack with servers of its own."""
    settings = Settings()
    if not (settings.starts_postgres and settings.starts_kafka and settings.starts_opensearch):
        raise Failure(
            "Only a stack whose servers run here can be measured: Kafka's files are looked at.",
            "Leave RUSTOK_POSTGRES_URL, RUSTOK_KAFKA_BOOTSTRAP and RUSTOK_OPENSEARCH_URL unset, and run `rustok up`.",
        )
    (shop,) = open_shops(settings, [SLUG], "EUR")
    with closing(shop), store_sizes.connected(settings) as connection:
        tell(f"{_PRODUCTS} products")
        skus = _fill(shop)
        before = _measure(settings, connection)
        tell(f"{orders} orders of {_LINES} lines: placed, confirmed, paid, shipped, delivered")
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(lambda number: _order(shop, skus, number), range(orders)))
        after = _measure(settings, connection)
    for name in stack_files.measured(settings.folder.root).unknown:
        tell(f"nobody has declared what {name} is")
    show(figures(before, after, orders), as_json=as_json)


def figures(before: Measured, after: Measured, orders: int) -> dict[str, Figure]:
    """Of each order: what it adds, beside the bytes of its events. The largest first; what did not grow is left out."""
    events, payload = (after.events - before.events) / orders, (after.payload - before.payload) / orders
    grown = {name: (size - before.sizes[name]) / orders for name, size in after.sizes.items()}
    largest = sorted((name for name in grown if grown[name] > 0), key=lambda name: -grown[name])
    return {
        "events": Figure.of(events, 1, "events of an order"),
        **{of: Figure.of(more, payload, _UNIT) for of, more in _together(grown).items()},
        **{name: Figure.of(grown[name], payload, _UNIT) for name in largest},
    }


_UNIT: Final = "bytes an order, beside those of its events"


def _together(grown: Mapping[str, float]) -> dict[str, float]:
    """All tables that keep what they have for ever, all whose rows go after a time, and so on."""
    bounds = {f"{one.kind} {name}": f"all {one.kind}, {one.bound}" for one in all_growth() for name in one.names}
    found: dict[str, float] = {}
    for name, more in grown.items():
        if name in bounds:
            found[bounds[name]] = found.get(bounds[name], 0) + more
    return dict(sorted(found.items()))


def _measure(settings: Settings, connection: psycopg.Connection[Any]) -> Measured:
    """When everybody has everything."""
    _await_idle(settings)
    events, payload = connection.execute(_EVENTS, (SLUG,)).fetchone() or (0, 0)
    return Measured(int(events), int(payload), store_sizes.measure(settings, connection))


def _await_idle(settings: Settings) -> None:
    """Until every read model holds all that was committed by now."""
    moment, deadline = datetime.now(UTC), time.monotonic() + _PATIENCE_S
    while behind := list(_behind(settings, moment)):
        if time.monotonic() > deadline:
            raise Failure(f"{', '.join(behind)} did not catch up.", "`rustok status` shows why.")
        time.sleep(0.5)


def _behind(settings: Settings, moment: datetime) -> Iterator[str]:
    found = stack_state.look(settings)
    if found.capture.gaps:
        raise Failure("A gap is open: nobody vouches for the read models.", "`rustok streams gaps` says what to do.")
    for model in found.read_models:
        if model.as_of is None or model.as_of < moment or model.lag_records:
            yield model.name


def _fill(shop: Shop) -> list[str]:
    """The SKUs of products that are for sale, each counted, with enough of it for any number of orders."""
    skus = []
    for number in range(_PRODUCTS):
        sku = f"growth-{uuid4().hex[:12]}"
        text = {"locale": "en", "title": f"Cheese {number}", "handle": sku, "description": "Blue, and good with bread."}
        prices = [{"currency": "EUR", "amount_minor": 100 + number}]
        made = shop.post("/v1/products", {"translations": [text], "variants": [{"sku": sku, "prices": prices}]})
        shop.post(f"/v1/products/{made['id']}/publish", {})
        skus.append(sku)
    shop.post("/v1/imports/stock", {"items": [{"sku": sku, "on_hand": 1_000_000} for sku in skus]})
    return skus


def _order(shop: Shop, skus: Sequence[str], number: int) -> None:
    lines = [{"sku": skus[(number + line) % len(skus)], "quantity": 1} for line in range(_LINES)]
    name = f"Anna Kohler {number}"
    home = {"name": name, "line1": f"Lindengasse {number}", "postal_code": "1070", "city": "Wien", "country": "AT"}
    who = {"name": name, "email": f"anna-{number}@mail.example", "phone": "+43 1 234567"}
    placed = shop.post("/v1/orders", {"lines": lines, "contact": who, "shipping_address": home})
    here = f"/v1/orders/{placed['id']}"
    shop.post(f"{here}/confirm", {})
    shop.post(f"{here}/pay", {"payment_id": f"growth-{placed['id']}"})
    shop.post(f"{here}/ship", {"tracking_number": f"T{number:09d}"})
    shop.post(f"{here}/deliver", {})
