"""Defines history as views over the archive: what a thing was at any moment, and each step of what happened to it.

An interval begins with its version and ends where the next begins: `valid_from` is in it, `valid_to` is not. Versions
count, not times: a version that says it happened earlier than the one before it begins with that one. So there is no
gap and no overlap, and one end is open. `follows_gap`: versions right before this one are not in the archive.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schemas.events.category import Category
from schemas.events.order import Order
from schemas.events.product import Product
from schemas.events.stock import Stock
from sinks.archive.typed_json import told


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalView:
    """What each thing of a `key` was from `begins` to `ends`, a row for each of its intervals, in the order of
    versions. `current` is the column that says whether the interval is open; empty: there is none.
    """

    name: str
    key: tuple[str, ...]
    select: str
    begins: str = "valid_from"
    ends: str = "valid_to"
    current: str = "is_current"


def statements() -> Iterator[str]:
    for view in INTERVAL_VIEWS:
        yield f"CREATE VIEW {view.name} AS {view.select}"
    yield _FCT_STOCK_MOVEMENTS
    yield _PRICE_ON
    yield _FCT_PRICE_REDUCTIONS
    yield _STOCK_COVER


def _versions(aggregate: str, cls: type) -> str:
    """A row for each version of each: when it was so, and `was`, what it was."""
    return f"""
        SELECT *, lead(valid_from) OVER in_order AS valid_to, lead(version) OVER in_order IS NULL AS is_current
        FROM (
            SELECT tenant_id, aggregate_id, version, type, event_id, occurred_at, body,
                   max(occurred_at) OVER in_order AS valid_from,
                   version > coalesce(lag(version) OVER in_order, 0) + 1 AS follows_gap,
                   type = '{aggregate}.deleted' AS is_deleted,
                   {told(cls, f"body->'{aggregate}'")} AS was
            FROM events WHERE aggregate = '{aggregate}'
            WINDOW in_order AS (PARTITION BY tenant_id, aggregate_id ORDER BY version)
        )
        WINDOW in_order AS (PARTITION BY tenant_id, aggregate_id ORDER BY version)
    """


_INTERVAL: Final = "version, valid_from, valid_to, is_current, is_deleted, follows_gap, event_id, type AS event_type"

_PRODUCT_VERSIONS: Final = f"""
    SELECT tenant_id, aggregate_id AS product_id, {_INTERVAL},
           was.external_id AS external_id, was.status AS status, was.brand AS brand,
           was.translations[1].title AS title, was.translations AS translations, was.category_ids AS category_ids,
           was.category_path_ids AS category_path_ids, was.variants AS variants, was.tags AS tags,
           was.typed_attributes AS typed_attributes
    FROM ({_versions("product", Product)})
"""

#: A price that is taken away, with its variant, its currency or the whole product, goes on as none, under the SKU that
#: the variant has, or had last.
_VARIANT_PRICES: Final = f"""
    WITH products AS ({_versions("product", Product)}),
    variants AS (
        SELECT tenant_id, aggregate_id, version, unnest(was.variants) AS variant FROM products WHERE NOT is_deleted
    ),
    called AS (
        SELECT tenant_id, aggregate_id, version, variant.id AS variant_id, variant.sku AS sku FROM variants
    ),
    priced AS (
        SELECT tenant_id, aggregate_id, version, variant.id AS variant_id, variant.sku AS sku,
               unnest(variant.prices) AS price
        FROM variants
    ),
    known AS (
        SELECT tenant_id, aggregate_id, variant_id, price.currency AS currency, min(version) AS since
        FROM priced GROUP BY ALL
    ),
    each AS (
        SELECT products.tenant_id, products.aggregate_id AS product_id, known.variant_id, known.currency,
               products.version, products.valid_from, products.follows_gap,
               coalesce(called.sku, last_value(called.sku IGNORE NULLS) OVER of_variant) AS sku,
               priced.price.amount_minor AS amount_minor, priced.price.compare_at_minor AS compare_at_minor
        FROM products
        JOIN known ON known.tenant_id = products.tenant_id AND known.aggregate_id = products.aggregate_id
            AND products.version >= known.since
        LEFT JOIN priced ON priced.tenant_id = products.tenant_id AND priced.aggregate_id = products.aggregate_id
            AND priced.version = products.version AND priced.variant_id = known.variant_id
            AND priced.price.currency = known.currency
        LEFT JOIN called ON called.tenant_id = products.tenant_id AND called.aggregate_id = products.aggregate_id
            AND called.version = products.version AND called.variant_id = known.variant_id
        WINDOW of_variant AS (
            PARTITION BY products.tenant_id, products.aggregate_id, known.variant_id, known.currency
            ORDER BY products.version
        )
    ),
    other AS (
        SELECT * FROM each
        WINDOW in_order AS (PARTITION BY tenant_id, product_id, variant_id, currency ORDER BY version)
        QUALIFY lag(version) OVER in_order IS NULL OR lag(amount_minor) OVER in_order IS DISTINCT FROM amount_minor
            OR lag(compare_at_minor) OVER in_order IS DISTINCT FROM compare_at_minor
    )
    SELECT tenant_id, product_id, variant_id, sku, currency, amount_minor, compare_at_minor, version, valid_from,
           lead(valid_from) OVER in_order AS valid_to, lead(version) OVER in_order IS NULL AS is_current, follows_gap
    FROM other
    WINDOW in_order AS (PARTITION BY tenant_id, product_id, variant_id, currency ORDER BY version)
"""

_CATEGORY_VERSIONS: Final = f"""
    SELECT tenant_id, aggregate_id AS category_id, {_INTERVAL},
           was.external_id AS external_id, was.parent_id AS parent_id, was.path AS path_ids,
           was.position AS position, was.translations[1].name AS name, was.translations AS translations
    FROM ({_versions("category", Category)})
"""

_ORDER_STEPS: Final = f"""
    SELECT tenant_id, aggregate_id AS order_id, row_number() OVER in_order AS step_no, status, status_before,
           valid_from AS reached_at, lead(valid_from) OVER in_order AS left_at, currency, total_minor, version,
           follows_gap, event_id, type AS event_type
    FROM (
        SELECT *, was.status AS status, was.currency AS currency, was.total_minor AS total_minor,
               lag(was.status) OVER in_order AS status_before
        FROM ({_versions("order", Order)}) WHERE NOT is_deleted
        WINDOW in_order AS (PARTITION BY tenant_id, aggregate_id ORDER BY version)
        QUALIFY status_before IS NULL OR status_before <> status
    )
    WINDOW in_order AS (PARTITION BY tenant_id, aggregate_id ORDER BY version)
"""

#: All views whose rows are intervals: what is promised of them is checked of each (`sinks.quality`).
INTERVAL_VIEWS: Final = (
    IntervalView(name="dim_product_versions", key=("tenant_id", "product_id"), select=_PRODUCT_VERSIONS),
    IntervalView(
        name="dim_variant_prices",
        key=("tenant_id", "product_id", "variant_id", "currency"),
        select=_VARIANT_PRICES,
    ),
    IntervalView(name="dim_category_versions", key=("tenant_id", "category_id"), select=_CATEGORY_VERSIONS),
    IntervalView(
        name="fct_order_steps",
        key=("tenant_id", "order_id"),
        select=_ORDER_STEPS,
        begins="reached_at",
        ends="left_at",
        current="",
    ),
)

#: What was there before the first version is nothing; before the oldest that the archive has, nobody knows.
_FCT_STOCK_MOVEMENTS: Final = f"""
    CREATE VIEW fct_stock_movements AS
    SELECT tenant_id, aggregate_id AS stock_id, version, occurred_at AS moved_at, type AS event_type,
           was.variant_id AS variant_id, was.product_id AS product_id, was.location_id AS location_id,
           on_hand_change, reserved_change, was.on_hand AS on_hand, was.reserved AS reserved,
           TRY_CAST(body->>'$.order_id' AS UUID) AS order_id, body->>'$.reason' AS reason,
           TRY_CAST(body->>'$.transfer_id' AS UUID) AS transfer_id, follows_gap, event_id
    FROM (
        SELECT *,
               was.on_hand - coalesce(lag(was.on_hand) OVER in_order, CASE version WHEN 1 THEN 0 END)
                   AS on_hand_change,
               was.reserved - coalesce(lag(was.reserved) OVER in_order, CASE version WHEN 1 THEN 0 END)
                   AS reserved_change
        FROM ({_versions("stock", Stock)})
        WINDOW in_order AS (PARTITION BY tenant_id, aggregate_id ORDER BY version)
    )
    WHERE on_hand_change IS DISTINCT FROM 0 OR reserved_change IS DISTINCT FROM 0
"""

_PRICE_ON: Final = """
    CREATE MACRO price_on(moment) AS TABLE
    SELECT tenant_id, product_id, variant_id, sku, currency, amount_minor, compare_at_minor, valid_from
    FROM dim_variant_prices
    WHERE amount_minor IS NOT NULL AND valid_from <= moment::TIMESTAMPTZ
      AND (valid_to IS NULL OR valid_to > moment::TIMESTAMPTZ)
"""

#: The thirty days end where the reduction begins, so a reduced price is never its own reference.
_FCT_PRICE_REDUCTIONS: Final = """
    CREATE VIEW fct_price_reductions AS
    WITH reduced AS (
        SELECT *, lag(amount_minor) OVER in_order AS amount_before_minor
        FROM dim_variant_prices
        WINDOW in_order AS (PARTITION BY tenant_id, product_id, variant_id, currency ORDER BY version)
        QUALIFY amount_minor < amount_before_minor
    )
    SELECT reduced.tenant_id, reduced.product_id, reduced.variant_id, reduced.sku, reduced.currency,
           reduced.valid_from AS reduced_at, reduced.valid_to AS ended_at, reduced.amount_minor,
           reduced.amount_before_minor, min(before.amount_minor) AS lowest_30_days_minor
    FROM reduced
    JOIN dim_variant_prices AS before
      ON before.tenant_id = reduced.tenant_id AND before.product_id = reduced.product_id
     AND before.variant_id = reduced.variant_id AND before.currency = reduced.currency
     AND before.version < reduced.version AND before.valid_to > reduced.valid_from - INTERVAL 30 DAYS
    GROUP BY ALL
"""

_DAYS_WRONG: Final = "stock_cover(moment, days): days is how many days before the moment count, 1 or more"
#: Days without a sale count: a cover that is worked out of good days only is too short.
_STOCK_COVER: Final = f"""
    CREATE MACRO stock_cover(moment, days) AS TABLE
    WITH until AS (
        SELECT tenant_id, stock_id, version, product_id, variant_id, on_hand, reserved, moved_at, on_hand_change,
               order_id
        FROM fct_stock_movements WHERE moved_at <= moment::TIMESTAMPTZ
    ),
    held AS (
        SELECT tenant_id, product_id, variant_id, sum(on_hand)::BIGINT AS on_hand, sum(reserved)::BIGINT AS reserved
        FROM (
            SELECT tenant_id, stock_id, product_id, variant_id, on_hand, reserved FROM until
            QUALIFY row_number() OVER (PARTITION BY tenant_id, stock_id ORDER BY version DESC) = 1
        )
        ANTI JOIN (
            SELECT tenant_id, aggregate_id AS stock_id FROM events
            WHERE type = 'stock.deleted' AND occurred_at <= moment::TIMESTAMPTZ
        ) USING (tenant_id, stock_id)
        GROUP BY ALL
    ), sold AS (
        SELECT tenant_id, variant_id, -sum(on_hand_change)::BIGINT AS units FROM until
        WHERE order_id IS NOT NULL AND moved_at > moment::TIMESTAMPTZ - to_days(days::INTEGER)
        GROUP BY ALL
    )
    SELECT held.tenant_id, held.product_id, held.variant_id, held.on_hand, held.reserved,
           coalesce(sold.units, 0) AS units_sold, coalesce(sold.units, 0) / days AS units_a_day,
           held.on_hand / nullif(sold.units / days, 0) AS cover_days
    FROM held
    LEFT JOIN sold ON sold.tenant_id = held.tenant_id AND sold.variant_id = held.variant_id
    WHERE CASE WHEN days > 0 THEN true ELSE error('{_DAYS_WRONG}') END
"""
