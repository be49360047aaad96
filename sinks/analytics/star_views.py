"""Defines the dimensions and facts of the star: what is, one row each, joined by `tenant_id` and an id.

A moment in a column `…_at` is UTC, a day `…_on` is the shop's own. What was sold says in its own columns what it was
then; the dimensions say what it is now.
"""

from typing import Final

from sinks.analytics.unit_measures import in_base_units, items


def local(moment: str, zone: str) -> str:
    """A moment as a clock in the zone shows it, within what every client can read: orders came in before moments had
    bounds.
    """
    return f"greatest(TIMESTAMP '1000-01-01', least(TIMESTAMP '9000-01-01', {moment} AT TIME ZONE {zone}))"


def day_of(moment: str, zone: str = "coalesce(shop.time_zone, 'UTC')") -> str:
    """The day of a moment where the shop is; of one that is not there none."""
    return f"CASE WHEN {moment} IS NOT NULL THEN {local(moment, zone)}::DATE END"


_DIM_SHOPS: Final = """
    SELECT tenant_id, slug, name, currency, time_zone, default_locale, is_active FROM shops
"""
_DIM_CATEGORIES: Final = """
    WITH steps AS (
        SELECT tenant_id, id, unnest(path_ids) AS step_id, generate_subscripts(path_ids, 1) AS depth FROM categories
    ), named AS (
        SELECT steps.tenant_id, steps.id, list(above.name ORDER BY steps.depth) AS path_names
        FROM steps JOIN categories AS above ON above.tenant_id = steps.tenant_id AND above.id = steps.step_id
        GROUP BY ALL
    )
    SELECT category.tenant_id, category.id AS category_id, category.external_id, category.parent_id, category.name,
           len(category.path_ids) AS depth, category.path_ids, named.path_names,
           named.path_names[1] AS level_1, named.path_names[2] AS level_2, named.path_names[3] AS level_3,
           named.path_names[4] AS level_4
    FROM categories AS category
    LEFT JOIN named ON named.tenant_id = category.tenant_id AND named.id = category.id
"""
_DIM_PRODUCTS: Final = """
    SELECT product.tenant_id, product.id AS product_id, product.external_id, product.title, product.brand,
           product.status, product.category_id, category.path_names AS category_path, category.level_1 AS category,
           product.category_ids, product.tags, product.created_at
    FROM products AS product
    LEFT JOIN dim_categories AS category
      ON category.tenant_id = product.tenant_id AND category.category_id = product.category_id
"""
_DIM_VARIANTS: Final = """
    SELECT variant.tenant_id, variant.variant_id, variant.product_id, variant.variant_no, variant.sku, variant.barcode,
           variant.weight_g, variant.unit, variant.measure, product.title, product.brand, product.status
    FROM product_variants AS variant
    JOIN products AS product ON product.tenant_id = variant.tenant_id AND product.id = variant.product_id
"""
#: From the first year with an order to the last, whole years; nobody's typing error makes it longer than since 1970.
_DIM_DATES: Final = f"""
    WITH first_and_last AS (
        SELECT orders.tenant_id, any_value(coalesce(shop.time_zone, 'UTC')) AS time_zone,
               min(orders.placed_at) AS first_at, max(orders.placed_at) AS last_at
        FROM orders LEFT JOIN shops AS shop ON shop.tenant_id = orders.tenant_id
        GROUP BY orders.tenant_id
    ), years AS (
        SELECT tenant_id, greatest(1970, year({day_of("first_at", "time_zone")})) AS first_year,
               least(2999, year({day_of("last_at", "time_zone")})) AS last_year
        FROM first_and_last
    ), days AS (
        SELECT tenant_id, unnest(
            generate_series(make_date(first_year, 1, 1), make_date(last_year, 12, 31), INTERVAL 1 DAY)
        )::DATE AS day
        FROM years
    )
    SELECT tenant_id, day, year(day) AS year, quarter(day) AS quarter, date_trunc('month', day)::DATE AS month,
           date_trunc('week', day)::DATE AS week, isoyear(day) AS iso_year, weekofyear(day) AS iso_week,
           isodow(day) AS weekday, isodow(day) > 5 AS is_weekend
    FROM days
"""  # noqa: S608  # constants
_FCT_ORDER_LINES: Final = f"""
    SELECT line.tenant_id, line.order_id, line.line_no, orders.status, orders.placed_at,
           {day_of("orders.placed_at")} AS placed_on, orders.paid_at, orders.customer_ref, orders.currency,
           line.product_id, line.variant_id, line.sku, line.title, line.category, line.category_path, line.brand,
           line.quantity, line.unit, line.measure,
           {in_base_units("line.quantity", "line.unit", "line.measure")} AS quantity_base,
           {items("line.quantity", "line.measure")} AS items, line.unit_price_minor, line.list_price_minor,
           line.gross_minor, line.discount_minor,
           line.other_minor, line.order_discount_minor,
           line.total_minor - line.order_discount_minor AS net_minor, line.tax_minor, line.shipping_minor,
           line.total_minor - line.order_discount_minor + line.tax_minor + line.shipping_minor AS total_minor,
           line.discount_minor > 0 OR coalesce(line.unit_price_minor < line.list_price_minor, false) AS is_reduced
    FROM order_lines AS line
    JOIN orders ON orders.tenant_id = line.tenant_id AND orders.id = line.order_id
    LEFT JOIN shops AS shop ON shop.tenant_id = line.tenant_id
"""  # noqa: S608  # constants
#: Header amounts are here once; beside lines they are divided among them, so that no join doubles them.
_FCT_ORDERS: Final = f"""
    WITH sold AS (
        SELECT tenant_id, order_id, count(*) AS lines, count(DISTINCT product_id) AS products,
               sum(quantity) FILTER (unit = 'piece')::BIGINT AS pieces,
               sum({items("quantity", "measure")})::BIGINT AS items,
               sum(gross_minor)::BIGINT AS gross_minor,
               sum(discount_minor)::BIGINT AS line_discount_minor,
               sum(other_minor)::BIGINT AS other_minor
        FROM order_lines GROUP BY tenant_id, order_id
    ), undone AS (
        SELECT tenant_id, order_id,
               sum(gross_minor - discount_minor + other_minor - order_discount_minor)::BIGINT AS reversed_minor,
               sum(gross_minor - discount_minor + other_minor - order_discount_minor + tax_minor + shipping_minor
                   + adjustment_minor)::BIGINT AS moved_minor
        FROM order_reversals GROUP BY tenant_id, order_id
    ), paid AS (
        SELECT tenant_id, id, row_number() OVER (
            PARTITION BY tenant_id, customer_ref ORDER BY paid_at, id
        ) AS paid_no
        FROM orders WHERE paid_at IS NOT NULL AND customer_ref IS NOT NULL
    )
    SELECT orders.tenant_id, orders.id AS order_id, orders.external_id, orders.customer_ref, orders.status,
           orders.currency, orders.placed_at, {day_of("orders.placed_at")} AS placed_on, orders.confirmed_at,
           orders.paid_at, {day_of("orders.paid_at")} AS paid_on, orders.cancelled_at,
           {day_of("orders.cancelled_at")} AS cancelled_on, orders.paid_at IS NOT NULL AS is_paid,
           orders.status = 'cancelled' AS is_cancelled,
           CASE WHEN orders.paid_at IS NULL THEN NULL WHEN orders.customer_ref IS NULL THEN 'guest'
                WHEN paid.paid_no = 1 THEN 'new' ELSE 'returning' END AS customer_kind,
           sold.lines, sold.products, coalesce(sold.pieces, 0) AS pieces, sold.items, sold.gross_minor,
           sold.line_discount_minor, sold.other_minor, orders.discount_minor AS order_discount_minor,
           sold.gross_minor - sold.line_discount_minor + sold.other_minor - orders.discount_minor AS net_minor,
           orders.tax_minor, orders.shipping_minor, orders.total_minor,
           CASE WHEN orders.paid_at IS NOT NULL THEN coalesce(undone.reversed_minor, 0) END AS reversed_minor,
           CASE WHEN orders.paid_at IS NOT NULL THEN orders.total_minor + coalesce(undone.moved_minor, 0) END
               AS kept_minor,
           orders.version, orders.correlation_id
    FROM orders
    LEFT JOIN sold ON sold.tenant_id = orders.tenant_id AND sold.order_id = orders.id
    LEFT JOIN undone ON undone.tenant_id = orders.tenant_id AND undone.order_id = orders.id
    LEFT JOIN paid ON paid.tenant_id = orders.tenant_id AND paid.id = orders.id
    LEFT JOIN shops AS shop ON shop.tenant_id = orders.tenant_id
"""  # noqa: S608  # constants

VIEWS: Final = {
    "dim_shops": _DIM_SHOPS,
    "dim_categories": _DIM_CATEGORIES,
    "dim_products": _DIM_PRODUCTS,
    "dim_variants": _DIM_VARIANTS,
    "dim_dates": _DIM_DATES,
    "fct_order_lines": _FCT_ORDER_LINES,
    "fct_orders": _FCT_ORDERS,
}
