"""Folds the newest event of an order into a row for it, one for each of its lines, and one for all that was undone.

Money is minor units of the row's `currency`. Beside the orders are the shop whose days they are of, and its products
and categories as they are now. What can be asked over HTTP is in `sinks.analytics.sales_questions`; analysts read the
published file itself, where `fct_sales` is the ledger and the view `sales` what we mean by a sale.
"""

from operator import attrgetter
from typing import Final

from schemas.envelope import Envelope
from schemas.events.order import Order, OrderDeleted, OrderEvent
from schemas.topics import ORDERS
from schemas.units import measure_of
from sinks.analytics import catalogue_facts, column_meanings, customer_views, sales_views, shop_facts, star_views
from sinks.analytics.order_rules import why_refused
from sinks.analytics.sales_ledger import lines_of, undone
from sinks.duckdb.fact_tables import Facts, Lines
from sinks.read_model import Projection, ReadModel
from sinks.sink import DocumentChange
from sinks.stores import InDuckDB

_AS_SOLD: Final = {
    "product_id": "UUID",
    "variant_id": "UUID",
    "sku": "VARCHAR",
    "title": "VARCHAR",
    "category": "VARCHAR",
    "category_path": "VARCHAR[]",
    "brand": "VARCHAR",
    "quantity": "BIGINT",
    "unit": "VARCHAR",
    "unit_price_minor": "BIGINT",
    "list_price_minor": "BIGINT",
    "discount_minor": "BIGINT",
    "adjustment_minor": "BIGINT",
    "total_minor": "BIGINT",
}
_WORKED_OUT: Final = {
    "measure": "VARCHAR",
    "gross_minor": "BIGINT",
    "other_minor": "BIGINT",
    "order_discount_minor": "BIGINT",
    "tax_minor": "BIGINT",
    "shipping_minor": "BIGINT",
}
LINES: Final = Lines(field="lines", table="order_lines", parent_id="order_id", columns=_AS_SOLD | _WORKED_OUT)
REVERSALS: Final = Lines(
    field="reversals",
    table="order_reversals",
    parent_id="order_id",
    number="reversal_no",
    columns={
        "kind": "VARCHAR",
        "cause": "VARCHAR",
        "refund_no": "BIGINT",
        "line_no": "BIGINT",
        "quantity": "BIGINT",
        "gross_minor": "BIGINT",
        "discount_minor": "BIGINT",
        "other_minor": "BIGINT",
        "order_discount_minor": "BIGINT",
        "tax_minor": "BIGINT",
        "shipping_minor": "BIGINT",
        "adjustment_minor": "BIGINT",
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
    views=sales_views.ASKED | star_views.VIEWS | sales_views.VIEWS | customer_views.VIEWS,
    macros=customer_views.MACROS,
    described=column_meanings.DESCRIBED,
)

_KEPT: Final = tuple(column for column in ORDER_FACTS.columns if column != "correlation_id")
_TOLD: Final = tuple(column for column in _AS_SOLD if column != "category_path")
_LINE: Final = (*_TOLD, "category_path", *_WORKED_OUT)
_REVERSAL: Final = tuple(REVERSALS.columns)
_kept, _as_sold, _reversal = attrgetter(*_KEPT), attrgetter(*_TOLD), attrgetter(*_REVERSAL)


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
    document = dict(zip(_KEPT, _kept(order), strict=True))
    document["correlation_id"] = envelope.correlation_id
    document[LINES.field] = _lines(order)
    document[REVERSALS.field] = [dict(zip(_REVERSAL, _reversal(one), strict=True)) for one in undone(order)]
    return DocumentChange(
        collection=ORDER_FACTS.table,
        tenant_id=envelope.tenant_id,
        id=order.id,
        version=envelope.order,
        document=document,
    )


def _lines(order: Order) -> list[dict[str, object]]:
    """With what its unit measures, and what each has of the order's discount, tax and shipping: the shares are the
    whole, to the cent.
    """
    return [
        dict(
            zip(
                _LINE,
                (
                    *_as_sold(line),
                    list(line.category_path),
                    measure_of(line.unit),
                    parts.gross_minor,
                    parts.other_minor,
                    parts.order_discount_minor,
                    parts.tax_minor,
                    shipping,
                ),
                strict=True,
            )
        )
        for line, (parts, shipping) in zip(order.lines, lines_of(order), strict=True)
    ]


MODEL: Final = ReadModel(
    name="sales",
    version=5,
    projections=(
        Projection(
            topic=ORDERS,
            aggregate="order",
            collection=ORDER_FACTS.table,
            fold=order_facts,
            incidental=frozenset({"correlation_id"}),
        ),
        shop_facts.PROJECTION,
        *catalogue_facts.PROJECTIONS,
    ),
    store=InDuckDB(
        (ORDER_FACTS, shop_facts.SHOPS, catalogue_facts.PRODUCT_FACTS, catalogue_facts.CATEGORY_FACTS),
        refuses=why_refused,
        is_checked=True,
    ),
    batch=6000,
    publish_s=1.0,
)
