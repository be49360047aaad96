"""Says of an order whose amounts contradict each other which rule it breaks: no sum over it would be right.

Such an order is a dead letter of the feed, with the rule as its reason, and is in no figure until somebody decided.
"""

from collections.abc import Mapping
from typing import Any, Final

from sinks.sink import DocumentChange

_ORDERS: Final = "orders"


def why_refused(change: DocumentChange) -> str | None:
    """None, when there is nothing wrong with it."""
    if change.document is None or change.collection != _ORDERS:
        return None
    try:
        return _why(change.document)
    except TypeError:  # what is no number at all, its column refuses
        return None


def _why(order: Mapping[str, Any]) -> str | None:
    total, of_lines = order["total_minor"], 0
    for number, line in enumerate(order["lines"], start=1):
        of_lines += line["total_minor"]
        if line["quantity"] * line["unit_price_minor"] + line["adjustment_minor"] != line["total_minor"]:
            return f"line {number} is not quantity × unit_price_minor + adjustment_minor: {line['total_minor']}"
    if of_lines + order["tax_minor"] + order["shipping_minor"] - order["discount_minor"] != total:
        return f"lines + tax + shipping - discount is not total_minor: {total}"
    refund = order["refund_minor"] or 0
    if not 0 <= refund <= (0 if order["paid_at"] is None else max(total, 0)):
        return f"refund_minor is not 0 to what was paid: {refund}"
    return None
