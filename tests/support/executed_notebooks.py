"""Half a year of a small shop, as changes of its read models, and notebooks executed on what was published of it."""

import os
import random
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import nbformat
from nbclient import NotebookClient

from schemas.events.order import Order, OrderCancelled, OrderPaid
from schemas.events.product import ProductUpdated
from sinks.analytics import event_archive, sales_facts, search_facts
from sinks.analytics.event_archive import archived_event
from sinks.archive.archive_sink import ArchiveSink
from sinks.sink import DocumentChange
from tests.support.examples import envelope, line, order, product
from tests.support.sound_snapshots import SHOP, published, sound_sales, sound_searches
from tests.support.whole import whole

FIRST = datetime(2025, 11, 3, 9, tzinfo=UTC)


def a_winter() -> list[DocumentChange]:
    """Ninety orders of a dozen customers and some guests in half a year; every ninth was cancelled a month later."""
    drawn = random.Random(7)
    goods = [
        (uuid4(), title, path) for title, *path in (("Tea", "Drinks"), ("Bread", "Food", "Baked"), ("Butter", "Food"))
    ]
    changes = sound_sales()
    for number in range(90):
        at = FIRST + timedelta(days=2 * number, hours=drawn.randrange(15))
        sold = drawn.sample(goods, drawn.randrange(1, 4))
        lines = tuple(
            line(product_id=id_, title=title, category=path[0], category_path=tuple(path)) for id_, title, path in sold
        )
        customer = None if number % 10 == 0 else f"household-{drawn.randrange(12)}"
        paid = order(
            lines=lines,
            total_minor=280 * len(lines),
            customer_ref=customer,
            placed_at=at,
            confirmed_at=at,
            paid_at=at,
        )
        changes.append(_fact(paid, cancelled=number % 9 == 8))
    return changes


def _fact(paid: Order, *, cancelled: bool) -> DocumentChange:
    about = envelope(tenant_id=SHOP, aggregate_id=paid.id)
    if not cancelled:
        return sales_facts.order_facts(about, OrderPaid(order=paid))
    assert paid.paid_at is not None
    gone = replace(
        paid,
        status="cancelled",
        cancelled_at=paid.paid_at + timedelta(days=30),
        refund_minor=paid.total_minor,
        refunded_minor=paid.total_minor,
    )
    return sales_facts.order_facts(about, OrderCancelled(order=gone, reason="late", refund_minor=paid.total_minor))


def publish_a_winter(folder: Path) -> None:
    """What was sold, what was searched for, and the events of a price that came down."""
    published(folder, sales_facts.MODEL, a_winter())
    published(folder, search_facts.MODEL, sound_searches())
    with closing(ArchiveSink(folder / event_archive.MODEL.id, event_archive.MODEL, goes_live=True)) as sink:
        sink.open()
        sink.write(prices(), {})
        sink.publish(whole(event_archive.MODEL))


def prices() -> list[DocumentChange]:
    """A product that costs less each month."""
    one = product()
    (variant,) = one.variants
    told = []
    for version in range(1, 5):
        price = replace(variant.prices[0], amount_minor=500 - 50 * version, compare_at_minor=None)
        event = ProductUpdated(product=replace(one, variants=(replace(variant, prices=(price,)),)), changed=())
        about = envelope(
            "product.updated",
            tenant_id=SHOP,
            aggregate_id=one.id,
            aggregate_version=version,
            occurred_at=FIRST + timedelta(days=30 * version),
        )
        told.append(archived_event(about, event))
    return told


def executed(path: Path, analytics: Path, **parameters: Any) -> dict[str, list[Any]]:
    """The outputs of each cell, by its id. Raises when a cell fails."""
    notebook = nbformat.read(path, as_version=4)
    at = next(at for at, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", ()))
    given = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    notebook.cells.insert(at + 1, nbformat.v4.new_code_cell(given))
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources)
    client.execute(env={**os.environ, "RUSTOK_ANALYTICS_DIR": str(analytics)})
    return {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
