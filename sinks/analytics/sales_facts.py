"""Folds the newest event of an order into a row for it, one for each of its lines, and one for all that was taken back.

Money is minor units of the row's `currency`. What can be asked over HTTP is in `sinks.analytics.sales_questions`;
analysts read the published file itself, where the view `sales` is what we mean by a sale, and `reversals` what takes
some of one back.
"""

from operator import attrgetter
from typing import Final

from schemas.envelope import Envelope
from schemas.events.order import OrderDeleted, OrderEvent
from schemas.topics import ORDERS
from sinks.analytics.order_rules import why_refused
from sinks.analytics.sales_reversals import reversals
from sinks.duckdb.fact_tables import Facts, Lines
from sinks.read_model import Projection, ReadModel
from sinks.sink import DocumentChange
from sinks.stores import InDuckDB

LINES: Final = Lines(
    field="lines",
    table="order_lines",
    parent_id="order_id",
    columns={
        "product_id": "UUID",
        "variant_id": "UUID",
        "sku": "VARCHAR",
        "title": "VARCHAR",
        "category": "VARCHAR",
        "quantity": "BIGINT",
        "unit_price_minor": "BIGINT",
        "adjustment_minor": "BIGINT",
        "total_minor": "BIGINT",
    },
)
REVERSALS: Final = Lines(
    field="reversals",
    table="order_reversals",
    parent_id="order_id",
    number="reversal_no",
    columns={
        "refund_no": "BIGINT",
        "line_no": "BIGINT",
        "returned": "BIGINT",
        "not_sent": "BIGINT",
        "revenue_minor": "BIGINT",
        "money_minor": "BIGINT",
        "recognised_at": "TIMESTAMPTZ",
    },
)
ORDER_FACTS: Final = Facts(
    table="orders",
    columns={
        "external_id": "VARCHAR",
        "customer_ref": "VARCHAR",
        "status": "VARCHAR",
        "currency": "VARCHAR",
        "tax_minor": "BIGINT",
        "shipping_minor": "BIGINT",
        "discount_minor": "BIGINT",
        "total_minor": "BIGINT",
        "refund_minor": "BIGINT",
        "placed_at": "TIMESTAMPTZ",
        "confirmed_at": "TIMESTAMPTZ",
        "paid_at": "TIMESTAMPTZ",
        "cancelled_at": "TIMESTAMPTZ",
        "correlation_id": "VARCHAR",
    },
    lines=(LINES, REVERSALS),
    views={
        "sales": """
            SELECT line.tenant_id, line.order_id, orders.placed_at, orders.paid_at, orders.customer_ref,
                   orders.currency, line.line_no, line.product_id, line.variant_id, line.sku, line.title, line.category,
                   line.quantity AS units, line.total_minor AS revenue_minor
            FROM orders JOIN order_lines AS line ON line.tenant_id = orders.tenant_id AND line.order_id = orders.id
            WHERE orders.paid_at IS NOT NULL AND orders.status <> 'cancelled'
        """,
        "reversals": """
            SELECT reversal.tenant_id, reversal.order_id, reversal.recognised_at, orders.customer_ref, orders.currency,
                   reversal.refund_no, reversal.line_no, line.product_id, line.variant_id, line.sku, line.title,
                   line.category, -(reversal.returned + reversal.not_sent) AS units, reversal.revenue_minor,
                   reversal.money_minor
            FROM orders
            JOIN order_reversals AS reversal ON reversal.tenant_id = orders.tenant_id AND reversal.order_id = orders.id
            LEFT JOIN order_lines AS line ON line.tenant_id = reversal.tenant_id
                AND line.order_id = reversal.order_id AND line.line_no = reversal.line_no
            WHERE orders.paid_at IS NOT NULL AND orders.status <> 'cancelled'
        """,
    },
)


_KEPT: Final = tuple(column for column in ORDER_FACTS.columns if column != "correlation_id")
_LINE: Final = tuple(LINES.columns)
_REVERSAL: Final = tuple(REVERSALS.columns)
_kept, _line, _reversal = attrgetter(*_KEPT), attrgetter(*_LINE), attrgetter(*_REVERSAL)


def order_facts(envelope: Envelope, event: OrderEvent) -> DocumentChange:
    """`correlation_id` is that of the request behind the newest change: the way back from a row to what caused it."""
    order = event.order
    if isinstance(event, OrderDeleted):
        return DocumentChange(
            collection=ORDER_FACTS.table,
            tenant_id=envelope.tenant_id,
            id=order.id,
            version=envelope.order,
            document=None,
        )
    lines = [dict(zip(_LINE, _line(line), strict=True)) for line in order.lines]
    taken_back = [dict(zip(_REVERSAL, _reversal(one), strict=True)) for one in reversals(order)]
    return DocumentChange(
        collection=ORDER_FACTS.table,
        tenant_id=envelope.tenant_id,
        id=order.id,
        version=envelope.order,
        document=dict(zip(_KEPT, _kept(order), strict=True))
        | {"correlation_id": envelope.correlation_id, LINES.field: lines, REVERSALS.field: taken_back},
    )


MODEL: Final = ReadModel(
    name="sales",
    version=2,
    projections=(
        Projection(
            topic=ORDERS,
            aggregate="order",
            collection=ORDER_FACTS.table,
            fold=order_facts,
            incidental=frozenset({"correlation_id"}),
        ),
    ),
    store=InDuckDB((ORDER_FACTS,), refuses=why_refused),
    batch=6000,
    publish_s=1.0,
)
