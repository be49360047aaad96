"""Expects of orders, their lines and what was taken back that they add up, and of the views that they say the same."""

from typing import Final

from schemas.currencies import EXPONENTS
from sinks.quality.expectation import Expectation, NoRows, OneOf

#: Once an order is paid it is in one of these, or cancelled.
PAID: Final = ("paid", "partly_shipped", "shipped", "delivered")
STATUSES: Final = ("pending", "confirmed", *PAID, "cancelled")
_ORDER: Final = ("tenant_id", "id")
_LINE: Final = ("tenant_id", "order_id", "line_no")
_REVERSAL: Final = ("tenant_id", "order_id", "reversal_no")
_COMPARE: Final = (
    "`rustok sinks verify sales --full` says whether the tables have it so, too. If they have not, `--repair` puts it"
    " right; if they have, the writer of the order made it."
)
_DEFECT: Final = "The rows may be right and the view is not: compare the two, and tell the maintainers."


def _of_orders(name: str, where: str, meaning: str) -> Expectation:
    return Expectation(
        name=name,
        table="orders",
        condition=NoRows(f"SELECT tenant_id, id FROM orders WHERE {where}"),
        meaning=meaning,
        advice=_COMPARE,
        keys=_ORDER,
    )


def _of_lines(name: str, where: str, meaning: str) -> Expectation:
    return Expectation(
        name=name,
        table="order_lines",
        condition=NoRows(f"SELECT tenant_id, order_id, line_no FROM order_lines WHERE {where}"),
        meaning=meaning,
        advice=_COMPARE,
        keys=_LINE,
    )


def _of_reversals(name: str, select: str, meaning: str) -> Expectation:
    return Expectation(
        name=name,
        table="order_reversals",
        condition=NoRows(select),
        meaning=meaning,
        advice=_COMPARE,
        keys=_REVERSAL,
    )


def _of_view(view: str, name: str, select: str, meaning: str) -> Expectation:
    return Expectation(name=name, table=view, condition=NoRows(select), meaning=meaning, advice=_DEFECT)


_LINES_OF_ORDERS: Final = """
    SELECT orders.tenant_id, orders.id, orders.total_minor, lines.sum_minor
    FROM orders LEFT JOIN (
        SELECT tenant_id, order_id, sum(total_minor) AS sum_minor FROM order_lines GROUP BY ALL
    ) AS lines ON lines.tenant_id = orders.tenant_id AND lines.order_id = orders.id
    WHERE coalesce(lines.sum_minor, 0) + orders.tax_minor + orders.shipping_minor - orders.discount_minor
          IS DISTINCT FROM orders.total_minor
"""
_TAKEN_OF_LINES: Final = """
    SELECT taken.tenant_id, taken.order_id, taken.line_no
    FROM (
        SELECT tenant_id, order_id, line_no, -sum(quantity) AS units, -sum(gross_minor) AS gross_minor
        FROM order_reversals WHERE kind = 'reversal' GROUP BY ALL
    ) AS taken
    LEFT JOIN order_lines AS line ON line.tenant_id = taken.tenant_id AND line.order_id = taken.order_id
         AND line.line_no = taken.line_no
    WHERE line.line_no IS NULL OR taken.units > line.quantity OR taken.gross_minor > greatest(line.gross_minor, 0)
"""
_MONEY: Final = (
    "gross_minor - discount_minor + other_minor - order_discount_minor + tax_minor + shipping_minor + adjustment_minor"
)
_MONEY_OF_ORDERS: Final = f"""
    SELECT orders.tenant_id, orders.id, orders.total_minor, moved.money_minor
    FROM (SELECT tenant_id, order_id, sum({_MONEY}) AS money_minor FROM order_reversals GROUP BY ALL) AS moved
    JOIN orders ON orders.tenant_id = moved.tenant_id AND orders.id = moved.order_id
    WHERE orders.total_minor + moved.money_minor NOT BETWEEN 0 AND orders.total_minor OR orders.paid_at IS NULL
"""
_UNDONE_WHEN_CANCELLED: Final = """
    SELECT entry.tenant_id, entry.order_id, sum(entry.net_minor) AS net_minor
    FROM fct_sales AS entry
    JOIN orders ON orders.tenant_id = entry.tenant_id AND orders.id = entry.order_id
    WHERE orders.status = 'cancelled' GROUP BY ALL HAVING sum(entry.net_minor) <> 0
"""
# What the lines bring by day, summed to months, against what the heads say of the same month.
_DAYS_AND_MONTHS: Final = """
    SELECT tenant_id, currency, month, by_day.revenue_minor AS of_days, by_order.revenue_minor AS of_orders
    FROM (
        SELECT tenant_id, currency, date_trunc('month', day) AS month, sum(revenue_minor) AS revenue_minor
        FROM (
            SELECT tenant_id, currency, (placed_at AT TIME ZONE 'UTC')::DATE AS day, sum(revenue_minor) AS revenue_minor
            FROM sales GROUP BY ALL
        ) GROUP BY ALL
    ) AS by_day
    FULL JOIN (
        SELECT tenant_id, currency, date_trunc('month', (placed_at AT TIME ZONE 'UTC')::DATE) AS month,
               sum(total_minor - tax_minor - shipping_minor + discount_minor) AS revenue_minor
        FROM orders WHERE paid_at IS NOT NULL AND status <> 'cancelled' GROUP BY ALL
    ) AS by_order USING (tenant_id, currency, month)
    WHERE by_day.revenue_minor IS DISTINCT FROM by_order.revenue_minor
"""
_SOLD_AND_TAKEN: Final = f"""
    SELECT tenant_id, order_id, line_no FROM reversals ANTI JOIN sales USING (tenant_id, order_id, line_no)
    WHERE line_no IS NOT NULL
    UNION ALL
    SELECT tenant_id, order_id, NULL FROM (
        SELECT tenant_id, order_id, sum(money_minor) AS money_minor FROM reversals GROUP BY ALL
    ) AS shown
    JOIN (
        SELECT tenant_id, order_id, sum({_MONEY}) AS money_minor FROM order_reversals GROUP BY ALL
    ) AS kept USING (tenant_id, order_id)
    WHERE shown.money_minor IS DISTINCT FROM kept.money_minor
"""

SALES: Final = (
    Expectation(
        name="orders_have_a_known_status",
        table="orders",
        condition=OneOf("status", STATUSES),
        meaning=f"`status` is one of {', '.join(STATUSES)}.",
        advice=_COMPARE,
        keys=_ORDER,
    ),
    Expectation(
        name="orders_have_an_iso_currency",
        table="orders",
        condition=OneOf("currency", tuple(EXPONENTS)),
        meaning="`currency` is one of ISO 4217.",
        advice=_COMPARE,
        keys=_ORDER,
    ),
    _of_orders(
        "orders_have_what_every_order_has",
        "status IS NULL OR currency IS NULL OR placed_at IS NULL OR total_minor IS NULL OR tax_minor IS NULL"
        " OR shipping_minor IS NULL OR discount_minor IS NULL",
        "Status, currency, the amounts and the moment it was placed are there.",
    ),
    _of_orders(
        "orders_are_confirmed_then_paid",
        "confirmed_at < placed_at OR paid_at < confirmed_at OR (paid_at IS NOT NULL AND confirmed_at IS NULL)",
        "`placed_at` ≤ `confirmed_at` ≤ `paid_at`, and what is paid was confirmed.",
    ),
    _of_orders(
        "orders_are_what_their_times_say",
        f"(status IN ({', '.join(repr(one) for one in PAID)})) <> (paid_at IS NOT NULL) AND status <> 'cancelled'"
        " OR (status = 'cancelled') <> (cancelled_at IS NOT NULL)",
        "A status from paid on has a `paid_at`, one before has none, and only what is cancelled has a `cancelled_at`.",
    ),
    _of_orders(
        "orders_are_refunded_within_what_was_paid",
        "refund_minor < 0 OR refund_minor > total_minor OR (refund_minor > 0 AND paid_at IS NULL)",
        "`refund_minor` is 0 to `total_minor`, and 0 for what was never paid.",
    ),
    Expectation(
        name="orders_are_the_sum_of_their_lines",
        table="orders",
        condition=NoRows(_LINES_OF_ORDERS),
        meaning="Lines + tax + shipping − discount = `total_minor`.",
        advice=_COMPARE,
        keys=_ORDER,
    ),
    _of_lines(
        "order_lines_are_quantity_times_price",
        "quantity::HUGEINT * unit_price_minor + adjustment_minor IS DISTINCT FROM total_minor",
        "`quantity` × `unit_price_minor` + `adjustment_minor` = `total_minor`.",
    ),
    _of_lines("order_lines_have_no_negative_quantity", "quantity < 0", "`quantity` is 0 or more."),
    _of_reversals(
        "order_reversals_take_back",
        "SELECT tenant_id, order_id, reversal_no FROM order_reversals WHERE quantity > 0 OR recognised_at IS NULL"
        " OR kind NOT IN ('reversal', 'adjustment') OR cause NOT IN ('refund', 'cancellation')",
        "Units are 0 or below, each has its moment, a known kind and a known cause.",
    ),
    _of_reversals(
        "order_reversals_take_no_more_than_was_sold",
        _TAKEN_OF_LINES,
        "Of no line more units or gross are taken back than were sold, and the line is there.",
    ),
    _of_reversals(
        "order_reversals_give_no_more_than_was_paid",
        _MONEY_OF_ORDERS,
        "What the shop keeps of an order is 0 to its total, and it was paid.",
    ),
    _of_view(
        "fct_sales",
        "fct_sales_of_what_is_cancelled_are_nothing",
        _UNDONE_WHEN_CANCELLED,
        "The entries of an order that is cancelled have a net of 0 together.",
    ),
    _of_view(
        "sales",
        "sales_of_days_are_the_orders_of_the_month",
        _DAYS_AND_MONTHS,
        "Per shop, currency and month the days of the view `sales` add up to what the paid orders say.",
    ),
    _of_view(
        "reversals",
        "reversals_are_of_sales",
        _SOLD_AND_TAKEN,
        "What the view `reversals` takes back is in the view `sales`, and is all that `order_reversals` has of it.",
    ),
)
