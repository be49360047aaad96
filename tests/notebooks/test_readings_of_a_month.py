"""The readings of a month that notebook 06 lays beside each other are all there, whatever became of its orders."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb

from ops.home import project_root
from schemas.events.order import OrderCancelled, OrderPaid
from sinks.analytics import sales_facts
from sinks.duckdb import snapshots
from tests.support.examples import MOMENT, envelope, order
from tests.support.sound_snapshots import SHOP, published

NOTEBOOK = project_root() / "notebooks" / "06-why-do-these-two-numbers-differ.ipynb"


def test_a_currency_whose_only_order_was_cancelled_has_every_reading(tmp_path: Path) -> None:
    paid = order(currency="JPY", placed_at=MOMENT, confirmed_at=MOMENT, paid_at=MOMENT)
    gone = replace(
        paid,
        status="cancelled",
        cancelled_at=MOMENT + timedelta(days=40),
        refund_minor=paid.total_minor,
        refunded_minor=paid.total_minor,
    )
    cancelled = OrderCancelled(order=gone, reason="late", refund_minor=gone.total_minor)
    kept = OrderPaid(order=order(placed_at=MOMENT, confirmed_at=MOMENT, paid_at=MOMENT))
    told = [(envelope(tenant_id=SHOP, aggregate_id=one.order.id), one) for one in (cancelled, kept)]
    published(tmp_path, sales_facts.MODEL, [sales_facts.order_facts(about, event) for about, event in told])
    net = paid.total_minor - paid.tax_minor - paid.shipping_minor
    before_discount = net + paid.discount_minor

    current = snapshots.current(tmp_path / sales_facts.MODEL.id)
    assert current is not None
    with duckdb.connect(current.path, read_only=True) as reader:
        about = {"tenant": str(SHOP), "month": f"{MOMENT:%Y-%m}-01"}
        found = reader.execute(readings(), about).fetchall()

    assert [row for row in found if row[2] == "JPY"] == [
        (1, "placed", "JPY", before_discount, None),
        (2, "paid", "JPY", before_discount, 0),
        (3, "not cancelled", "JPY", 0, -before_discount),
        (4, "by order day", "JPY", 0, 0),
        (5, "by own day", "JPY", net, net),
    ]
    assert len(found) == 10


def readings() -> str:
    cells = ["".join(cell["source"]) for cell in json.loads(NOTEBOOK.read_text())["cells"]]
    (cell,) = (cell for cell in cells if cell.startswith("readings = "))
    (statement,) = re.findall(r'"""(.*?)"""', cell, re.DOTALL)
    return str(statement)
