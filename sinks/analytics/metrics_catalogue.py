"""Lists every metric once: what it means, how it is worked out, of which view, and what it may be added up over.

Money is minor units and never added over currencies: a metric of money has a row for each. So it is with quantities
and their units. A metric that is additive over time or a split may be summed over it, and a test does; any other is
worked out again for each period.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sinks.analytics.unit_measures import base_unit, items

Unit = Literal["minor", "count", "ratio", "minor per order", "per order"]
Over = Literal["time", "split"]

_EVERYTHING: Final[frozenset[Over]] = frozenset({"time", "split"})
_TIME: Final[frozenset[Over]] = frozenset({"time"})


@dataclass(frozen=True, slots=True)
class Relation:
    """Where metrics come from. `grain` is a row of it, `splits` maps what it can be split by to an expression.

    Of its rows those count that meet `only`. `product` is joined, for what a product is now.
    """

    view: str
    grain: str
    splits: Mapping[str, str]
    only: str = "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """`expression` is an aggregate over the rows of `relation` whose `day` is in the period.

    `counted_in` is the expression for the unit that its values are in: there is a row for each, and nothing is added
    over them. Empty: it adds nothing that has a unit.
    """

    name: str
    meaning: str
    expression: str
    relation: Relation
    day: str
    unit: Unit
    additive: frozenset[Over] = frozenset()
    counted_in: str = ""

    @property
    def shown(self) -> str:
        """`expression` as it is asked of the view alone."""
        return self.expression.replace("item.", "")

    @property
    def by_currency(self) -> bool:
        """Whether it has a row for each currency: it is money, or a ratio of it."""
        return "_minor" in self.expression

    @property
    def by_unit(self) -> bool:
        """Whether it has a row for each unit of measure."""
        return bool(self.counted_in)


_AS_SOLD: Final = {
    "category": "item.category",
    "subcategory": "item.category_path[2]",
    "brand": "item.brand",
    "product": "item.product_id",
    "sku": "item.sku",
    "unit": "item.unit",
    "measure": "item.measure",
    "category_now": "product.category",
    "brand_now": "product.brand",
}
LEDGER: Final = Relation("fct_sales", "an entry of the ledger", _AS_SOLD)
_IS_PAID: Final = "item.paid_at IS NOT NULL"
LINES: Final = Relation("fct_order_lines", "a line of a paid order", _AS_SOLD, _IS_PAID)
ORDERS: Final = Relation(
    "fct_orders", "a paid order", {"customer_kind": "item.customer_kind", "status": "item.status"}, _IS_PAID
)


def _sold(expression: str) -> str:
    return f"coalesce({expression} FILTER (item.kind = 'sale'), 0)"


def _money(name: str, meaning: str, expression: str, day: str = "recognised_on") -> Metric:
    return Metric(
        name=name,
        meaning=meaning,
        expression=expression,
        relation=LEDGER,
        day=day,
        unit="minor",
        additive=_EVERYTHING,
    )


def _of_orders(name: str, meaning: str, expression: str, unit: Unit, additive: frozenset[Over] = frozenset()) -> Metric:
    return Metric(
        name=name, meaning=meaning, expression=expression, relation=ORDERS, day="paid_on", unit=unit, additive=additive
    )


_LEDGER: Final = (
    _money("gross_sales", "quantity × price of what was sold, before any discount", _sold("sum(item.gross_minor)")),
    _money(
        "discounts",
        "what lines and whole orders were reduced by",
        _sold("sum(item.discount_minor + item.order_discount_minor)"),
    ),
    _money(
        "other_charges",
        "deposits, charged or given back, and amounts without a quantity",
        _sold("sum(item.other_minor)"),
    ),
    _money(
        "reversals",
        "net sales that were undone, on the day they were; 0 or below",
        "coalesce(sum(item.net_minor) FILTER (item.kind <> 'sale'), 0)",
    ),
    _money("net_sales", "gross − discounts + other charges + reversals, each on its own day", "sum(item.net_minor)"),
    _money(
        "net_sales_by_order_day",
        "the same, with all of an order on the day it was placed: what was, changes",
        "sum(item.net_minor)",
        "ordered_on",
    ),
    _money("tax", "tax on top, less what went back", "sum(item.tax_minor)"),
    _money("shipping", "shipping, less what went back", "sum(item.shipping_minor)"),
    _money("adjustments", "money for no line's own reason: goodwill, what is kept", "sum(item.adjustment_minor)"),
    _money("total_sales", "all the money that moved: net + tax + shipping + adjustments", "sum(item.total_minor)"),
    Metric(
        name="pieces_sold",
        meaning="how many of what is counted in pieces were sold, whatever came back",
        expression=_sold("sum(CASE item.unit WHEN 'piece' THEN item.quantity ELSE 0 END)"),
        relation=LEDGER,
        day="recognised_on",
        unit="count",
        additive=_EVERYTHING,
    ),
    Metric(
        name="items_sold",
        meaning="pieces that were sold, and one for each line of what is measured: a filling of petrol is one item",
        expression=_sold(f"sum({items('item.quantity', 'item.measure')})"),
        relation=LEDGER,
        day="recognised_on",
        unit="count",
        additive=_EVERYTHING,
    ),
    Metric(
        name="quantity_sold",
        meaning="quantities that were sold, as they were counted: so many pieces, so many of 100 g",
        expression=_sold("sum(item.quantity)"),
        relation=LEDGER,
        day="recognised_on",
        unit="count",
        additive=_EVERYTHING,
        counted_in="item.unit",
    ),
    Metric(
        name="base_quantity_sold",
        meaning="the same in the base unit of each measure: all that was sold by weight, in grams",
        expression=_sold("sum(item.quantity_base)"),
        relation=LEDGER,
        day="recognised_on",
        unit="count",
        additive=_EVERYTHING,
        counted_in=base_unit("item.measure"),
    ),
    Metric(
        name="orders",
        meaning="orders that were paid, whatever became of them",
        expression="count(DISTINCT item.order_id) FILTER (item.kind = 'sale')",
        relation=LEDGER,
        day="recognised_on",
        unit="count",
        additive=_TIME,
    ),
    Metric(
        name="sales_share",
        meaning="the share of net sales in those of the same period and currency: split it",
        expression="sum(item.net_minor) / nullif(sum(sum(item.net_minor)) OVER (PARTITION BY period, currency), 0)",
        relation=LEDGER,
        day="recognised_on",
        unit="ratio",
    ),
)
_ORDERS: Final = (
    _of_orders(
        "average_order_value",
        "net of what was sold ÷ orders: the mean",
        "sum(item.net_minor) / nullif(count(*), 0)",
        "minor per order",
    ),
    _of_orders(
        "median_order_value",
        "net of what was sold: half of the orders are below",
        "median(item.net_minor)",
        "minor per order",
    ),
    _of_orders("lines_per_order", "lines ÷ orders", "avg(item.lines)", "per order"),
    _of_orders("products_per_order", "different products ÷ orders", "avg(item.products)", "per order"),
    _of_orders("pieces_per_order", "pieces ÷ orders", "avg(item.pieces)", "per order"),
    _of_orders("items_per_order", "items ÷ orders; a line of what is measured is one", "avg(item.items)", "per order"),
    _of_orders(
        "new_customer_orders",
        "first paid orders of their customers, of all time",
        "count(*) FILTER (item.customer_kind = 'new')",
        "count",
        _EVERYTHING,
    ),
    _of_orders(
        "returning_customer_orders",
        "orders whose customer had a paid one before, at any time",
        "count(*) FILTER (item.customer_kind = 'returning')",
        "count",
        _EVERYTHING,
    ),
    _of_orders(
        "guest_orders",
        "orders of nobody known",
        "count(*) FILTER (item.customer_kind = 'guest')",
        "count",
        _EVERYTHING,
    ),
    _of_orders(
        "customers", "different customers who paid, guests not counted", "count(DISTINCT item.customer_ref)", "count"
    ),
    _of_orders(
        "repeat_rate",
        "customers with two paid orders or more in the period ÷ customers with one or more",
        "len(list_filter(map_values(histogram(item.customer_ref)), lambda bought: bought > 1))"
        " / nullif(count(DISTINCT item.customer_ref), 0)",
        "ratio",
    ),
)
_LINES: Final = (
    Metric(
        name="reduced_lines_share",
        meaning="lines with a discount or below their list price ÷ lines",
        expression="count(*) FILTER (item.is_reduced) / nullif(count(*), 0)",
        relation=LINES,
        day="placed_on",
        unit="ratio",
    ),
    Metric(
        name="discount_depth",
        meaning="discounts of lines ÷ gross",
        expression="sum(item.discount_minor) / nullif(sum(item.gross_minor), 0)",
        relation=LINES,
        day="placed_on",
        unit="ratio",
    ),
)
METRICS: Final[Mapping[str, Metric]] = {one.name: one for one in (*_LEDGER, *_ORDERS, *_LINES)}
