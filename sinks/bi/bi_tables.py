"""Lists the tables for BI tools. What a figure is, the catalogue of metrics says; here it gets a place.

A day is the shop's own, money is minor units of the row's currency. `shop` is joined: the shops that there are now.
"""

from collections.abc import Mapping
from typing import Final

from sinks.analytics import sales_facts, search_facts
from sinks.analytics.column_meanings import DESCRIBED
from sinks.analytics.metrics_catalogue import LEDGER, METRICS, ORDERS, Metric, Relation
from sinks.analytics.search_questions import COUNTS
from sinks.analytics.star_views import day_of
from sinks.bi.bi_table import BiTable, Column, Type

_SHOP: Final = {"tenant_id": Column("uuid", "the shop's id"), "shop": Column("text", "the shop's short name")}
_DAY: Final = {"day": Column("date", "the shop's own day")}
_CURRENCY: Final = {"currency": Column("text", "ISO 4217; every amount of the row is in it")}
_SOLD: Final = (
    "gross_sales",
    "discounts",
    "other_charges",
    "reversals",
    "net_sales",
    "tax",
    "shipping",
    "adjustments",
    "total_sales",
    "orders",
    "pieces_sold",
)
#: Of a product there is no tax or shipping to speak of; what is counted in no pieces has its quantity, of its unit.
_SOLD_OF_A_PRODUCT: Final = ("gross_sales", "discounts", "reversals", "net_sales", "orders", "quantity_sold")
_CUSTOMERS: Final = ("new_customer_orders", "returning_customer_orders", "guest_orders", "customers")
_SEARCHES: Final = {
    "searches": "searches: first pages, typed to their end",
    "without_hits": "those that found nothing",
    "tracked": "those of which clicks are told",
    "clicked": "those of them after which something was clicked",
    "converted": "those of them after which something was bought",
}


def _named(metric: Metric) -> str:
    return f"{metric.name}_minor" if metric.unit == "minor" else metric.name


def _meant(metric: Metric) -> str:
    unit = "; minor units of currency" if metric.unit == "minor" else ""
    over = {"time": "days", "split": "what they are divided by"}
    added = " and ".join(over[one] for one in sorted(metric.additive, reverse=True))
    return f"{metric.meaning}{unit}; " + (f"may be added up over {added}" if added else "may not be added up")


def _daily(
    name: str,
    grain: str,
    relation: Relation,
    metrics: tuple[str, ...],
    by: Mapping[str, tuple[str, Column]],
    *,
    has_currency: bool = True,
) -> BiTable:
    """Metrics of one relation for each day. `by`: what else there is a row for, with what it is."""
    found = [METRICS[metric] for metric in metrics]
    (day,) = {metric.day for metric in found}
    figures = {_named(metric): Column("bigint", _meant(metric)) for metric in found}
    split = {column: told for column, (_, told) in by.items()}
    key = {**_DAY, **(_CURRENCY if has_currency else {}), **split}
    currency = "item.currency, " if has_currency else ""
    divided = "".join(f"{expression} AS {column}, " for column, (expression, _) in by.items())
    return BiTable(
        name=name,
        grain=grain,
        model=sales_facts.MODEL,
        columns={**_SHOP, **key, **figures},
        select=f"""
            SELECT item.tenant_id, shop.slug AS shop, item.{day} AS day, {currency}{divided}
                   {", ".join(f"({metric.expression})::BIGINT AS {_named(metric)}" for metric in found)}
            FROM {relation.view} AS item JOIN known_shops AS shop ON shop.tenant_id = item.tenant_id
            WHERE item.{day} IS NOT NULL AND {relation.only} GROUP BY ALL
        """,  # of the catalogue
        key=("tenant_id", *key),
        slice=("tenant_id", "day"),
    )


def _now(name: str, view: str, types: Mapping[str, Type], key: str, shop_column: bool = True) -> BiTable:
    """A dimension as it is now, with what its columns mean."""
    described = DESCRIBED[view]
    told = {column: Column(kind, described.columns[column].text) for column, kind in types.items()}
    shop = "shop.slug AS shop, " if shop_column else ""
    return BiTable(
        name=name,
        grain=described.grain,
        model=sales_facts.MODEL,
        columns={**(_SHOP if shop_column else {"tenant_id": _SHOP["tenant_id"]}), **told},
        select=f"""
            SELECT item.tenant_id, {shop}{", ".join(f"item.{column}" for column in types)}
            FROM {view} AS item JOIN known_shops AS shop ON shop.tenant_id = item.tenant_id
        """,  # of the catalogue
        key=tuple(dict.fromkeys(("tenant_id", key))),
        slice=tuple(dict.fromkeys(("tenant_id", key))),
    )


TABLES: Final = (
    _now(
        "shops",
        "dim_shops",
        {"slug": "text", "name": "text", "currency": "text", "time_zone": "text", "is_active": "boolean"},
        "tenant_id",
        shop_column=False,
    ),
    _now(
        "products",
        "dim_products",
        {
            "product_id": "uuid",
            "external_id": "text",
            "title": "text",
            "brand": "text",
            "status": "text",
            "category": "text",
        },
        "product_id",
    ),
    _daily("sales_by_day", "One row for each day and currency; each entry on its own day.", LEDGER, _SOLD, {}),
    _daily(
        "sales_by_category_day",
        "One row for each day, currency and root category as sold; null: no line's own, or no category.",
        LEDGER,
        _SOLD,
        {
            "category": (
                LEDGER.splits["category"],
                Column("text", "the root category, as it was named when it was sold"),
            )
        },
    ),
    _daily(
        "sales_by_product_day",
        "One row for each day, currency, product and unit; null: for no line. What products are called: bi.products.",
        LEDGER,
        _SOLD_OF_A_PRODUCT,
        {
            "product_id": (LEDGER.splits["product"], Column("uuid", "the product, as in bi.products")),
            "unit": (LEDGER.splits["unit"], Column("text", "what its quantity counts; never add up those of two")),
        },
    ),
    _daily(
        "customers_by_day",
        "One row for each day on which an order was paid: whose orders they were.",
        ORDERS,
        _CUSTOMERS,
        {},
        has_currency=False,
    ),
    BiTable(
        name="searches_by_day",
        grain="One row for each day and channel of the last thirty days.",
        model=search_facts.MODEL,
        columns={
            **_SHOP,
            **_DAY,
            "channel": Column("text", "v1 or instantsearch: by which door they came"),
            **{name: Column("bigint", f"{text}; may be added up") for name, text in _SEARCHES.items()},
        },
        select=f"""
            SELECT item.tenant_id, shop.slug AS shop, {day_of("item.asked_at", "shop.time_zone")} AS day, item.channel,
                   {", ".join(f"({COUNTS[name]})::BIGINT AS {name}" for name in _SEARCHES)}
            FROM searches AS item JOIN known_shops AS shop ON shop.tenant_id = item.tenant_id
            GROUP BY ALL
        """,  # constants
        key=("tenant_id", "day", "channel"),
        slice=("tenant_id", "day"),
    ),
)
