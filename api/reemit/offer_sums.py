"""Adds up what each shop has on sale, by the currency in which it is shown, in one snapshot of the database."""

from typing import Any, Final

import psycopg

from api.reemit.each_shop import each_shop
from schemas.write_model import OffersOf, OfferSums, ToldOffers

#: The currency of a product is that of its first price; without one it has none.
_SUMS: Final = """
    SELECT coalesce(span.currency, ''), sum(p.version), count(*), sum(v.variants), sum(span.lowest_minor)
    FROM products p
    CROSS JOIN LATERAL (
        SELECT count(*) AS variants FROM variants WHERE tenant_id = p.tenant_id AND product_id = p.id
    ) v
    LEFT JOIN LATERAL (
        SELECT a.currency, min(a.amount_minor) OVER (PARTITION BY a.currency) AS lowest_minor
        FROM variants o JOIN prices a ON a.tenant_id = o.tenant_id AND a.variant_id = o.id
        WHERE o.tenant_id = p.tenant_id AND o.product_id = p.id ORDER BY o.position, a.position LIMIT 1
    ) span ON true
    WHERE p.tenant_id = %(tenant)s AND p.status = 'active'
    GROUP BY 1
"""


def every(connection: psycopg.Connection[Any]) -> dict[OffersOf, ToldOffers]:
    """In a transaction that sees one moment, whatever is committed meanwhile."""
    found = {}
    for tenant in each_shop(connection):
        for currency, versions, *sums in connection.execute(_SUMS, {"tenant": tenant}).fetchall():
            products, variants, lowest_minor = (int(one or 0) for one in sums)
            told = OfferSums(products=products, variants=variants, lowest_minor=lowest_minor)
            found[OffersOf(tenant, currency)] = ToldOffers(told, int(versions))
    return found
