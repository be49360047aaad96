"""Says what each table of the star has a row for, and what its columns mean: what readers find beside the figures."""

from collections.abc import Mapping
from typing import Final

from sinks.duckdb.described_columns import Described, DescribedTable, Meaning

_ORDER: Final = "order.*"
_LINE: Final = "order.*: lines"
_MINOR: Final = "minor units of `currency`"
_MEASURE: Final = "count, mass, volume, length, area or time: only what has the same adds up; null: nobody knows"


def _of(source: str, unit: str = "", /, **texts: str) -> dict[str, Meaning]:
    return {column: Meaning(text, unit, source) for column, text in texts.items()}


_SHOP: Final = {"tenant_id": Meaning("the shop", source="every event: header rustok_tenant_id")}
_CUSTOMER: Final = {
    "customer_ref": Meaning(
        "the shop's own opaque name for the customer, null for a guest; never a name or an address",
        source=f"{_ORDER}: customer_ref",
        is_personal=True,
    )
}
_OF_AN_ORDER: Final = {
    **_of(
        _ORDER,
        order_id="the order",
        status="pending, confirmed, paid, partly_shipped, shipped, delivered or cancelled, now",
        currency="ISO 4217; every amount of the row is in it",
        placed_at="when the customer ordered",
        paid_at="when it was paid; null: it is not",
        confirmed_at="when the shop confirmed it; null: it has not",
        cancelled_at="when it was cancelled; null: it is not",
        external_id="its name in the system it was imported from",
        version="how many changes it has seen",
        correlation_id="of the request behind the newest change: the way back from a row to its cause",
    ),
    **_of(
        "the moment, and tenant.*: time_zone",
        placed_on="the shop's day on which it was ordered",
        paid_on="the shop's day on which it was paid",
        cancelled_on="the shop's day on which it was cancelled",
    ),
    **_CUSTOMER,
}
_AS_SOLD: Final = {
    **_of(
        _LINE,
        line_no="the line, from 1 within the order; null for what is for no line",
        product_id="the product",
        variant_id="the variant",
        sku="as it was sold",
        title="as it was sold",
        category="the root category's name when it was sold; null without one",
        category_path="the names from the root to the product's own category, when it was sold",
        brand="the brand when it was sold",
        quantity="how many of `unit`; may be 0 for an amount without a quantity",
        unit="what `quantity` counts: `piece`, or what is measured: `kg`, `100 g`, `0.001 gal`",
    ),
    **_of("unit", measure=_MEASURE),
    **_of(
        "quantity and unit", quantity_base="the quantity in g, ml, m, m2, min or pieces, exactly; null: nobody knows"
    ),
    **_of(
        _LINE,
        _MINOR,
        unit_price_minor="the price of one that was asked",
        list_price_minor="what one cost without any reduction; null: nobody said",
        adjustment_minor="other − discount, as it came in",
    ),
}
_MONEY: Final = {
    **_of(
        _LINE,
        _MINOR,
        gross_minor="quantity × price of one, less what that was rounded up by (less than one minor unit each)",
        discount_minor="what the line was reduced by",
    ),
    **_of(
        "adjustment_minor + discount_minor, but for what was rounded",
        _MINOR,
        other_minor="deposits, charged or given back, and amounts without a quantity",
    ),
    **_of(
        "order.*, divided among the lines to the cent",
        _MINOR,
        order_discount_minor="this line's share of the discount on the whole order",
        tax_minor="this line's share of the tax on top",
        shipping_minor="this line's share of the shipping",
    ),
    **_of(
        "gross − discount + other − order discount",
        _MINOR,
        net_minor="what the line brought, without tax and shipping",
    ),
    **_of("net + tax + shipping + adjustment", _MINOR, total_minor="all the money that moved"),
}
_LEDGER: Final = {
    **_OF_AN_ORDER,
    **_AS_SOLD,
    **_MONEY,
    **_of(
        "the order: paid, refunded, cancelled",
        reversal_no="0 for the sale, else from 1 within the order: with order and line the key",
        kind="sale, reversal (below zero) or adjustment (either)",
        cause="payment, refund or cancellation",
        refund_no="the refund, from 1 within the order",
        recognised_at="when it was booked: paid, refunded or cancelled",
        recognised_on="the shop's day of that",
        ordered_at="when the order was placed",
        ordered_on="the shop's day of that",
    ),
    **_of(
        "refunds and cancellations",
        _MINOR,
        adjustment_minor="for no line's own reason: goodwill, shipping given back, kept of a cancelled order",
    ),
}
_BY_DAY: Final = {
    **_of("fct_sales", day="the shop's day", orders="orders that were sold"),
    **_of(
        "fct_sales",
        _MINOR,
        gross_minor="gross of what was sold",
        discount_minor="discounts of lines and orders on what was sold",
        other_minor="deposits and the like of what was sold, charged or given back",
        reversed_minor="net that was undone, 0 or below",
        net_minor="gross − discount + other + reversed",
        tax_minor="tax, less what went back",
        shipping_minor="shipping, less what went back",
        adjustment_minor="money for no line's own reason",
        total_minor="all the money that moved",
    ),
    **{column: _LEDGER[column] for column in ("currency", "category")},
}


def _table(grain: str, *columns: Mapping[str, Meaning]) -> DescribedTable:
    found = dict(_SHOP)
    for some in columns:
        found |= some
    return DescribedTable(grain=grain, columns=found)


#: What the views are made of: the newest of each, as it came in.
_STORED: Final = {
    "orders": _table(
        "One row for each order, as it came in. Rather read fct_orders.",
        _OF_AN_ORDER,
        _of(_ORDER, id="the order"),
        _of(
            _ORDER,
            _MINOR,
            tax_minor="tax on top of the lines",
            shipping_minor="shipping",
            discount_minor="a discount on the whole order",
            total_minor="lines + tax + shipping − discount",
            refund_minor="what went back when it was cancelled",
        ),
    ),
    "order_lines": _table(
        "One row for each line of an order, as it came in. Rather read fct_order_lines.",
        _AS_SOLD,
        _MONEY,
        _of(_ORDER, order_id="the order"),
        _of(_LINE, _MINOR, total_minor="quantity × price of one + adjustment, always"),
    ),
    "order_reversals": _table(
        "One row for each entry of the ledger but the sales. Rather read fct_sales.",
        _LEDGER,
    ),
}
_STAR: Final[dict[str, DescribedTable]] = {
    "fct_sales": _table("One row for each entry of the ledger: a line sold, undone, or an adjustment.", _LEDGER),
    "fct_orders": _table(
        "One row for each order, as it is now.",
        _OF_AN_ORDER,
        _MONEY,
        _of(
            _ORDER,
            is_paid="it was paid, whatever became of it",
            is_cancelled="it is cancelled now",
            customer_kind="new, returning (an earlier order of the customer was paid) or guest; null: it is not paid",
            lines="how many lines",
            products="how many different products",
            pieces="how many of what is counted in pieces",
            items="pieces, and one for each line of what is measured",
        ),
        _of(
            _ORDER,
            _MINOR,
            line_discount_minor="discounts of its lines",
            order_discount_minor="discount on the whole order",
            tax_minor="tax on top",
            shipping_minor="shipping",
            net_minor="gross − discounts + other",
            reversed_minor="net that was undone since, 0 or below; null: it is not paid",
            total_minor="net + tax + shipping",
            kept_minor="what the shop still has of it; null: it is not paid",
        ),
    ),
    "fct_order_lines": _table(
        "One row for each line of an order, as it was sold, in whatever state the order is.",
        _OF_AN_ORDER,
        _AS_SOLD,
        _MONEY,
        _of("quantity and unit", items="pieces, or 1 of whatever is measured and not counted"),
        _of(_LINE, is_reduced="it had a discount, or cost less than its list price"),
    ),
    "sales_by_day": _table("One row for each day, currency and category; each entry on its own day.", _BY_DAY),
    "sales_by_order_day": _table(
        "One row for each day, currency and category; all of an order on the day it was placed.", _BY_DAY
    ),
    "sales": _table(
        "One row for each line of an order that is paid and not cancelled, dated by when it was placed.",
        _OF_AN_ORDER,
        _AS_SOLD,
        _of(_LINE, units="the quantity: how many of `unit`"),
        _of(_LINE, _MINOR, revenue_minor="what the line brought, without tax and the order's discount"),
    ),
    "reversals": _table(
        "One row for each entry of a refund of an order that is not cancelled.",
        _LEDGER,
        _of("order.refunded", units="how many of `unit` came back or will not leave, 0 or below"),
        _of(
            "order.refunded",
            _MINOR,
            revenue_minor="what it takes of the line's revenue, 0 or below",
            money_minor="the money that went back, 0 or below",
        ),
    ),
    "dim_customers": _table(
        "One row for each customer with a paid order.",
        _CUSTOMER,
        _of(
            "fct_orders",
            first_paid_at="when the first of their orders was paid",
            first_paid_on="the shop's day of that",
            cohort_month="the first day of that month",
            last_paid_at="when the last was",
            last_paid_on="the shop's day of that",
            paid_orders="how many were paid",
            has_returned="more than one was",
        ),
    ),
    "dim_dates": _table(
        "One row for each day from the first year with an order to the last, in the shop's own calendar.",
        _of(
            "generated",
            day="the day",
            year="its year",
            quarter="1 to 4",
            month="the first day of its month",
            week="the Monday of its week",
            iso_year="the year of its ISO week",
            iso_week="its ISO week, 1 to 53",
            weekday="1 is Monday",
            is_weekend="Saturday or Sunday",
        ),
    ),
    "dim_shops": _table(
        "One row for each shop.",
        _of(
            "tenant.*",
            slug="its short name",
            name="its name",
            currency="its own currency, ISO 4217",
            time_zone="whose days figures are of, an IANA name",
            default_locale="its first language",
            is_active="it is open",
        ),
    ),
    "dim_products": _table(
        "One row for each product, as it is now.",
        _of(
            "product.*",
            product_id="the product",
            external_id="its name in the system it was imported from",
            title="in the first of its languages",
            brand="its brand",
            status="draft, active or archived",
            category_id="the first category it is in",
            category_ids="the categories it was put into",
            tags="its tags",
            created_at="when it was made",
        ),
        _of("category.*", category_path="the names from the root to its category, now", category="the first of them"),
    ),
    "dim_variants": _table(
        "One row for each variant, as it is now.",
        _of(
            "product.*",
            variant_id="the variant",
            product_id="its product",
            variant_no="its place among the product's",
            sku="its SKU",
            barcode="its barcode",
            title="of the product",
            brand="of the product",
            status="of the product",
            unit="what quantities of it count, and what its price is of one of",
        ),
        _of("unit", measure=_MEASURE),
        _of("product.*", "grams", weight_g="its weight"),
    ),
    "dim_categories": _table(
        "One row for each category, as it is now.",
        _of(
            "category.*",
            category_id="the category",
            external_id="its name in the system it was imported from",
            parent_id="the category above; null: it is a root",
            name="in the first of its languages",
            depth="1 for a root",
            path_ids="from the root to itself",
            path_names="the same by name",
            level_1="the name of the root",
            level_2="the name below it",
            level_3="the name below that",
            level_4="the name below that",
        ),
    ),
}


def _as_it_came(what: str, dimension: str, source: str) -> DescribedTable:
    """Of a table that a dimension reads: its columns are those of the dimension, which has other names for the key."""
    kept = _of(source, id=f"the {what}", version="how many changes it has seen", product_id="its product")
    grain = f"One row for each {what}, as it came in. Rather read {dimension}."
    return _table(grain, kept, _STAR[dimension].columns)


DESCRIBED: Final[Described] = (
    _STORED
    | _STAR
    | {
        "shops": _as_it_came("shop", "dim_shops", "tenant.*"),
        "products": _as_it_came("product", "dim_products", "product.*"),
        "product_variants": _as_it_came("variant", "dim_variants", "product.*"),
        "categories": _as_it_came("category", "dim_categories", "category.*"),
        "freshness": DescribedTable(
            grain="One row for each partition of the log that the figures are of.",
            columns=_of("the log", partition="the topic and the partition", as_of="all before it is in the figures"),
        ),
    }
)
FUNCTIONS: Final[Mapping[str, str]] = {
    "customers_rfm(day)": "each customer and currency as of the end of a day: days since the last order, orders, net"
    " sales, fifths of each (5 is best; of equals the id decides), and a segment made of the first two",
    "cohorts(day)": "each month in which customers paid for the first time, and each month after it up to the day: how"
    " many of them paid in it; null for a month that is not over, then or by now",
    "product_pairs(fewest)": "each two products that are in so many paid orders together: support, confidence (of who"
    " bought a, how many bought b) and lift; all paid orders count",
    "category_pairs(fewest)": "the same of categories as sold, by their whole path",
}
