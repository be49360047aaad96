"""Computes in SQL what a product `p` costs, as `schemas.product_prices` does: in the currency of its first price."""

from typing import Final

_OF_PRODUCT: Final = """
    FROM variants v JOIN prices r ON r.tenant_id = v.tenant_id AND r.variant_id = v.id
    WHERE v.tenant_id = p.tenant_id AND v.product_id = p.id
"""
_CURRENCY: Final = f"(SELECT r.currency {_OF_PRODUCT} ORDER BY v.position, r.position LIMIT 1)"
COLUMNS: Final = {
    "currency": _CURRENCY,
    "price_min_minor": f"(SELECT min(r.amount_minor) {_OF_PRODUCT} AND r.currency = {_CURRENCY})",
    "price_max_minor": f"(SELECT max(r.amount_minor) {_OF_PRODUCT} AND r.currency = {_CURRENCY})",
}
