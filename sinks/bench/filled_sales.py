"""Fills the sales of a shop with millions of lines that differ as a shop's do, without writing each as an event.

Orders of a year, of thousands of customers, each with five lines of thousands of products in a few dozen categories;
one in thirty was cancelled. They are made of one order by SQL, in the live file, and closed into files as a feed would.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from sinks.analytics.sales_facts import LINES, MODEL, ORDER_FACTS
from sinks.duckdb.duckdb_sink import DuckDBSink
from sinks.freshness import Freshness
from sinks.sink import DocumentChange

LINES_OF_AN_ORDER: Final = 5
PRODUCTS: Final = 5_000
CATEGORIES: Final = 40
CUSTOMERS: Final = 20_000
_SAMPLE: Final = 1000
#: Of the number of a line: which product it is. Few are sold often.
_PRODUCT: Final = f"(hash(made_id, line_no) % {PRODUCTS} * (hash(line_no, made_id) % {PRODUCTS}) // {PRODUCTS})::BIGINT"
_OF_ORDERS: Final = {
    "id": "made_id",
    "customer_ref": f"CASE WHEN hash(made_id) % 10 = 0 THEN NULL ELSE 'c-' || (hash(made_id) % {CUSTOMERS}) END",
    "placed_at": "TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_seconds((hash(made_id) % 31536000)::BIGINT)",
    "paid_at": "TIMESTAMPTZ '2026-01-01 00:10:00+00' + to_seconds((hash(made_id) % 31536000)::BIGINT)",
}
_OF_LINES: Final = {
    LINES.parent_id: "made_id",
    "product_id": f"md5({_PRODUCT}::VARCHAR)::UUID",
    "title": f"'Product ' || {_PRODUCT}",
    "sku": f"'SKU-' || {_PRODUCT}",
    "category": f"'Department ' || ({_PRODUCT} % 7)",
    "category_path": f"['Department ' || ({_PRODUCT} % 7), 'Shelf ' || ({_PRODUCT} % {CATEGORIES})]",
}


class FilledSales(DuckDBSink):
    """The sales of `tenant_id`. `fill` may be called once, when it is open."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.tenant_id = uuid4()

    def fill(self, orders: int, at_once: int) -> None:
        """So many orders, a publishing after each batch."""
        first = order(self.tenant_id, uuid4(), 1)
        self.write([first], {})
        for start in range(0, orders, at_once):
            self._multiply(first.id, min(at_once, orders - start))
            self.publish(Freshness())

    def some_ids(self) -> list[UUID]:
        found = self._run(f"SELECT id FROM {ORDER_FACTS.table} USING SAMPLE {_SAMPLE:d} ROWS")
        return [id_ for (id_,) in found]

    def _multiply(self, id_: UUID, times: int) -> None:
        number = self._fact_parts.open_no
        self._run(f"CREATE OR REPLACE TEMP TABLE made AS SELECT uuidv7() AS made_id FROM range({times:d})")
        for table, key, differing in ((ORDER_FACTS.table, "id", _OF_ORDERS), (LINES.table, LINES.parent_id, _OF_LINES)):
            replaced = ", ".join(f"{expression} AS {column}" for column, expression in differing.items())
            self._insert(
                f"INSERT INTO {table} BY NAME SELECT one.* EXCLUDE (part_no) REPLACE ({replaced}), {number} AS part_no"
                f" FROM (FROM {table} WHERE {key} = ?) AS one, made",
                [id_],
            )
        self._unpublished = True


def opened(folder: Path) -> FilledSales:
    sink = FilledSales(folder / MODEL.id, MODEL, MODEL.store.shape, goes_live=True)
    sink.open()
    return sink


def order(tenant: UUID, id_: UUID, version: int) -> DocumentChange:
    """Paid now, with five lines of one product each; the sums agree."""
    now = datetime.now(UTC)
    values: dict[str, Any] = dict.fromkeys(ORDER_FACTS.columns) | {
        "customer_ref": "c-1",
        "status": "paid",
        "currency": "EUR",
        "tax_minor": 0,
        "shipping_minor": 0,
        "discount_minor": 0,
        "total_minor": 180 * LINES_OF_AN_ORDER,
        "placed_at": now,
        "confirmed_at": now,
        "paid_at": now,
    }
    line: dict[str, Any] = dict.fromkeys(LINES.columns, 0) | {
        "product_id": tenant,
        "variant_id": tenant,
        "sku": "SKU-1",
        "title": "Tomatoes",
        "category": "Food",
        "category_path": ["Food", "Tins"],
        "brand": "Verde",
        "quantity": 2,
        "unit": "piece",
        "measure": "count",
        "unit_price_minor": 100,
        "list_price_minor": 100,
        "discount_minor": 20,
        "adjustment_minor": -20,
        "total_minor": 180,
        "gross_minor": 200,
    }
    document = {**values, "lines": [line] * LINES_OF_AN_ORDER, "reversals": []}
    return DocumentChange(collection="orders", tenant_id=tenant, id=id_, version=version, document=document)
