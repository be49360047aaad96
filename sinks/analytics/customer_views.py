"""Defines what is asked of customers and of baskets: first and repeated orders, cohorts, RFM, what is bought together.

A customer is a shop's `customer_ref`, which is nobody's name or address; orders without one are nobody's. A customer's
orders are those that were paid, whatever became of them. What depends on today takes the day as its argument, so that
the same question has the same answer tomorrow.
"""

from typing import Final

_DIM_CUSTOMERS: Final = """
    SELECT tenant_id, customer_ref, min(paid_at) AS first_paid_at, min(paid_on) AS first_paid_on,
           date_trunc('month', min(paid_on))::DATE AS cohort_month, max(paid_at) AS last_paid_at,
           max(paid_on) AS last_paid_on, count(*) AS paid_orders, count(*) > 1 AS has_returned
    FROM fct_orders WHERE is_paid AND customer_ref IS NOT NULL
    GROUP BY tenant_id, customer_ref
"""
#: Of equals the id decides, so that the same customer is in the same fifth each time.
_CUSTOMERS_RFM: Final = """
    WITH bought AS (
        SELECT tenant_id, customer_ref, currency, max(recognised_on) FILTER (kind = 'sale') AS last_on,
               count(DISTINCT order_id) FILTER (kind = 'sale') AS orders, sum(net_minor)::BIGINT AS net_minor
        FROM fct_sales WHERE customer_ref IS NOT NULL AND recognised_on <= day::DATE
        GROUP BY tenant_id, customer_ref, currency
    ), scored AS (
        SELECT tenant_id, customer_ref, currency, orders, net_minor, day::DATE - last_on AS recency_days,
               ntile(5) OVER (PARTITION BY tenant_id, currency ORDER BY last_on, customer_ref) AS recency_score,
               ntile(5) OVER (PARTITION BY tenant_id, currency ORDER BY orders, customer_ref) AS frequency_score,
               ntile(5) OVER (PARTITION BY tenant_id, currency ORDER BY net_minor, customer_ref) AS monetary_score
        FROM bought
    )
    SELECT tenant_id, customer_ref, currency, recency_days, orders, net_minor, recency_score, frequency_score,
           monetary_score,
           CASE WHEN recency_score >= 4 AND frequency_score >= 4 THEN 'champion'
                WHEN recency_score >= 3 AND frequency_score >= 3 THEN 'loyal'
                WHEN recency_score >= 4 THEN 'recent'
                WHEN frequency_score >= 4 THEN 'at risk'
                WHEN recency_score <= 2 AND frequency_score <= 2 THEN 'dormant'
                ELSE 'occasional' END AS segment
    FROM scored
"""
#: A month that is not over on the day, or where the shop is not over by now, says nothing yet: null, not none.
_COHORTS: Final = """
    WITH months AS (
        SELECT DISTINCT orders.tenant_id, customer.cohort_month, orders.customer_ref,
               date_diff('month', customer.cohort_month, date_trunc('month', orders.paid_on)::DATE) AS months_after
        FROM fct_orders AS orders
        JOIN dim_customers AS customer
          ON customer.tenant_id = orders.tenant_id AND customer.customer_ref = orders.customer_ref
        WHERE orders.is_paid AND orders.paid_on <= day::DATE
    ), sizes AS (
        SELECT tenant_id, cohort_month, count(*) AS customers FROM months WHERE months_after = 0 GROUP BY ALL
    ), spine AS (
        SELECT tenant_id, cohort_month, customers,
               unnest(range(date_diff('month', cohort_month, day::DATE) + 1)) AS months_after
        FROM sizes
    ), active AS (
        SELECT tenant_id, cohort_month, months_after, count(*) AS customers FROM months GROUP BY ALL
    )
    SELECT spine.tenant_id, spine.cohort_month, spine.months_after, spine.customers,
           CASE WHEN (spine.cohort_month + to_months((spine.months_after + 1)::INTEGER))::DATE
                     <= least(day::DATE + 1, (now() AT TIME ZONE coalesce(shop.time_zone, 'UTC'))::DATE)
                THEN coalesce(active.customers, 0) END AS active_customers,
           active_customers / spine.customers AS retention
    FROM spine
    LEFT JOIN active ON active.tenant_id = spine.tenant_id AND active.cohort_month = spine.cohort_month
        AND active.months_after = spine.months_after
    LEFT JOIN dim_shops AS shop ON shop.tenant_id = spine.tenant_id
"""


def _pairs(item: str) -> str:
    """What is in the same baskets: of paid orders, whatever became of them. Each pair is there once each way."""
    return f"""
        WITH baskets AS (
            SELECT DISTINCT tenant_id, order_id, {item} AS item FROM fct_sales
            WHERE kind = 'sale' AND {item} IS NOT NULL
        ), counted AS (
            SELECT tenant_id, item, count(*) AS baskets FROM baskets GROUP BY ALL HAVING count(*) >= fewest
        ), all_of_them AS (
            SELECT tenant_id, count(DISTINCT order_id) AS baskets FROM baskets GROUP BY ALL
        ), kept AS (
            SELECT baskets.tenant_id, baskets.order_id, baskets.item
            FROM baskets SEMI JOIN counted USING (tenant_id, item)
        ),
        together AS (
            SELECT a.tenant_id, a.item AS item_a, b.item AS item_b, count(*) AS baskets
            FROM kept AS a JOIN kept AS b
              ON b.tenant_id = a.tenant_id AND b.order_id = a.order_id AND b.item <> a.item
            GROUP BY ALL HAVING count(*) >= fewest
        )
        SELECT together.tenant_id, together.item_a, together.item_b, together.baskets AS baskets_with_both,
               a.baskets AS baskets_with_a, b.baskets AS baskets_with_b, of_all.baskets AS baskets_in_all,
               together.baskets / of_all.baskets AS support, together.baskets / a.baskets AS confidence,
               (together.baskets / a.baskets) / (b.baskets / of_all.baskets) AS lift
        FROM together
        JOIN counted AS a ON a.tenant_id = together.tenant_id AND a.item = together.item_a
        JOIN counted AS b ON b.tenant_id = together.tenant_id AND b.item = together.item_b
        JOIN all_of_them AS of_all ON of_all.tenant_id = together.tenant_id
    """  # noqa: S608  # constants


VIEWS: Final = {"dim_customers": _DIM_CUSTOMERS}
MACROS: Final = {
    "customers_rfm(day)": _CUSTOMERS_RFM,
    "cohorts(day)": _COHORTS,
    "product_pairs(fewest)": _pairs("product_id"),
    "category_pairs(fewest)": _pairs("array_to_string(category_path, ' / ')"),
}
