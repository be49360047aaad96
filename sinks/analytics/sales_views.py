"""Defines what a sale is: `fct_sales`, the ledger, and the readings of it by day.

A cancelled order has two readings, both right, under names that say which: `sales_by_day` has each movement on its own
day and never changes what was, `sales_by_order_day` has all of an order on the day it was placed. `sales` and
`reversals` are the API's: paid orders that are not cancelled now, by when they were placed.
"""

from typing import Final

from sinks.analytics.star_views import day_of
from sinks.analytics.unit_measures import in_base_units

_PARTS: Final = "gross_minor - {0}discount_minor + {0}other_minor - {0}order_discount_minor"
_FCT_SALES: Final = f"""
    SELECT line.tenant_id, line.order_id, 0 AS reversal_no, line.line_no::BIGINT AS line_no, 'sale' AS kind,
           'payment' AS cause, NULL::BIGINT AS refund_no, orders.paid_at AS recognised_at,
           {day_of("orders.paid_at")} AS recognised_on, orders.placed_at AS ordered_at,
           {day_of("orders.placed_at")} AS ordered_on, orders.customer_ref, orders.currency, line.product_id,
           line.variant_id, line.sku, line.title, line.category, line.category_path, line.brand, line.quantity,
           line.unit, line.measure, {in_base_units("line.quantity", "line.unit", "line.measure")} AS quantity_base,
           line.gross_minor, line.discount_minor,
           line.other_minor, line.order_discount_minor,
           line.total_minor - line.order_discount_minor AS net_minor, line.tax_minor, line.shipping_minor,
           0::BIGINT AS adjustment_minor,
           line.total_minor - line.order_discount_minor + line.tax_minor + line.shipping_minor AS total_minor
    FROM orders
    JOIN order_lines AS line ON line.tenant_id = orders.tenant_id AND line.order_id = orders.id
    LEFT JOIN shops AS shop ON shop.tenant_id = orders.tenant_id
    WHERE orders.paid_at IS NOT NULL
    UNION ALL
    SELECT entry.tenant_id, entry.order_id, entry.reversal_no, entry.line_no, entry.kind, entry.cause, entry.refund_no,
           entry.recognised_at, {day_of("entry.recognised_at")}, orders.placed_at, {day_of("orders.placed_at")},
           orders.customer_ref, orders.currency, line.product_id, line.variant_id, line.sku, line.title, line.category,
           line.category_path, line.brand, entry.quantity, line.unit, line.measure,
           {in_base_units("entry.quantity", "line.unit", "line.measure")},
           entry.gross_minor, entry.discount_minor, entry.other_minor, entry.order_discount_minor,
           entry.{_PARTS.format("entry.")}, entry.tax_minor, entry.shipping_minor, entry.adjustment_minor,
           entry.{_PARTS.format("entry.")} + entry.tax_minor + entry.shipping_minor + entry.adjustment_minor
    FROM orders
    JOIN order_reversals AS entry ON entry.tenant_id = orders.tenant_id AND entry.order_id = orders.id
    LEFT JOIN order_lines AS line ON line.tenant_id = entry.tenant_id
        AND line.order_id = entry.order_id AND line.line_no = entry.line_no
    LEFT JOIN shops AS shop ON shop.tenant_id = orders.tenant_id
"""  # noqa: S608  # constants


def _by(day: str) -> str:
    """The ledger by day, currency and category as sold. A part of it is what was sold, a part what was undone."""
    return f"""
        SELECT tenant_id, {day} AS day, currency, category,
               count(DISTINCT order_id) FILTER (kind = 'sale') AS orders,
               coalesce(sum(gross_minor) FILTER (kind = 'sale'), 0)::BIGINT AS gross_minor,
               coalesce(sum(discount_minor + order_discount_minor) FILTER (kind = 'sale'), 0)::BIGINT
                   AS discount_minor,
               coalesce(sum(other_minor) FILTER (kind = 'sale'), 0)::BIGINT AS other_minor,
               coalesce(sum(net_minor) FILTER (kind <> 'sale'), 0)::BIGINT AS reversed_minor,
               sum(net_minor)::BIGINT AS net_minor, sum(tax_minor)::BIGINT AS tax_minor,
               sum(shipping_minor)::BIGINT AS shipping_minor, sum(adjustment_minor)::BIGINT AS adjustment_minor,
               sum(total_minor)::BIGINT AS total_minor
        FROM fct_sales GROUP BY ALL
    """  # noqa: S608  # constants


_SALES: Final = """
    SELECT line.tenant_id, line.order_id, orders.placed_at, orders.paid_at, orders.customer_ref,
           orders.currency, line.line_no, line.product_id, line.variant_id, line.sku, line.title, line.category,
           line.quantity AS units, line.unit, line.measure, line.total_minor AS revenue_minor
    FROM orders JOIN order_lines AS line ON line.tenant_id = orders.tenant_id AND line.order_id = orders.id
    WHERE orders.paid_at IS NOT NULL AND orders.status <> 'cancelled'
"""
_REVERSALS: Final = """
    SELECT entry.tenant_id, entry.order_id, entry.recognised_at, orders.customer_ref, orders.currency,
           entry.refund_no, entry.line_no, line.product_id, line.variant_id, line.sku, line.title, line.category,
           entry.quantity AS units, line.unit, line.measure,
           entry.gross_minor - entry.discount_minor + entry.other_minor AS revenue_minor,
           entry.gross_minor - entry.discount_minor + entry.other_minor - entry.order_discount_minor + entry.tax_minor
               + entry.shipping_minor + entry.adjustment_minor AS money_minor
    FROM orders
    JOIN order_reversals AS entry ON entry.tenant_id = orders.tenant_id AND entry.order_id = orders.id
    LEFT JOIN order_lines AS line ON line.tenant_id = entry.tenant_id
        AND line.order_id = entry.order_id AND line.line_no = entry.line_no
    WHERE orders.paid_at IS NOT NULL AND orders.status <> 'cancelled'
"""

#: Those that the API asks.
ASKED: Final = {"sales": _SALES, "reversals": _REVERSALS}
VIEWS: Final = {
    "fct_sales": _FCT_SALES,
    "sales_by_day": _by("recognised_on"),
    "sales_by_order_day": _by("ordered_on"),
}
