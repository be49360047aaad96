"""Says in one line what each field of an event means, for the event catalogue.

What holds for a class as a whole is in its docstring. These lines are no part of a schema, and may become better.
"""

import re
from collections.abc import Mapping
from typing import Final

from schemas.aggregates import BY_NAME

#: Stands for a meaning that somebody still has to write.
UNSAID: Final = "…"
#: By `<class>.<field>`, or by the field's name where it means the same everywhere.
MEANINGS: Final[Mapping[str, str]] = {
    "active": "whether the shop is open",
    "adjustment_minor": "signed: a discount is below zero, a deposit above",
    "alt": "what the image shows, for those who do not see it",
    "amount_minor": "the price of one",
    "attempts": "how often its feed has tried it so far",
    "attributes": "what else is told about it, by name",
    "barcode": "EAN, UPC or GTIN",
    "brand": "as it is shown and filtered by",
    "cancel_reason": "why it was cancelled, as somebody wrote it",
    "cancelled_at": "when it was cancelled",
    "carrier": "who takes it there; none: the shop itself",
    "category_ids": "the categories it was put into",
    "category_path_ids": "these and all their ancestors, as the tree was when this was said",
    "changed": "the fields of the aggregate that are not as before",
    "committed_ms": "when the change was committed, since 1970",
    "compare_at_minor": "the crossed-out price, never below the other",
    "confirmed_at": "when the shop promised to deliver",
    "created_at": "when it was made",
    "currency": "ISO 4217",
    "customer_ref": "the shop's own opaque name for the customer",
    "default_locale": "what texts fall back to, one of `locales`",
    "delivered_at": "when all of it had arrived",
    "description": "a longer text",
    "discount_minor": "taken off the whole order",
    "domains": "host names the shop answers to",
    "external_id": "its name in the system it was imported from",
    "feed": "the feed that could not use the record",
    "first_failed_ms": "when it failed first, since 1970",
    "handle": "the readable part of its address, unique per tenant and locale",
    "headers": "the record's own headers",
    "id": "its own id",
    "images": "in the order they are shown",
    "key": "the record's key",
    "dead_letter_id": "which dead letter",
    "line_no": "which line of the order, from 1",
    "lines": "what is sold",
    "locale": "BCP 47",
    "locales": "languages the shop speaks, BCP 47",
    "name": "as people read it",
    "not_sent": "how many will not leave any more",
    "offset": "its place in the partition",
    "option_values": "option name → the value here",
    "other_minor": "what is for no line: shipping, goodwill",
    "options": "what its variants differ in, by name",
    "Order.currency": "ISO 4217, of every amount in it",
    "Order.total_minor": "sum of the lines + tax + shipping − discount",
    "OrderCancelled.reason": "why, as somebody wrote it",
    "OrderCancelled.refund_minor": "what goes back to the customer; 0 when it was never paid",
    "OrderLine.category": "name of the root category at the time of sale",
    "OrderLine.title": "as it was at the time of sale",
    "OrderLine.total_minor": "quantity × unit price + adjustment",
    "paid_at": "when it was paid",
    "parcel": "the parcel that left",
    "parcel_no": "which parcel of the order, from 1",
    "parcels": "what has left so far, in order",
    "Parcel.lines": "what is in it",
    "Parcel.shipped_at": "when it left",
    "parent_id": "the category above; none at the root",
    "partition": "where it was in the topic",
    "path": "from the root of the tree to this one, itself included",
    "path_before": "the same before the move",
    "payment_id": "the payment's id at the payment service",
    "placed_at": "when the customer committed to it",
    "position": "its place among its siblings",
    "prices": "one for each currency",
    "product_id": "the product it was",
    "quantity": "how many",
    "reason": "why, as somebody wrote it",
    "RecordHeader.name": "the header's name",
    "RecordHeader.value": "the header's value",
    "refund": "what went back this time",
    "Refund.amount_minor": "all of it",
    "Refund.lines": "for which lines",
    "refund_minor": "what went back to the customer when it was cancelled",
    "refund_no": "which refund of the order, from 1",
    "RefundLine.amount_minor": "what went back for the line",
    "refunded_at": "when it went back",
    "refunded_minor": "all that went back so far",
    "refunds": "what went back before it was cancelled, in order",
    "returned": "how many of those that had left came back",
    "shipped_at": "when the last parcel left; none before",
    "shipping_minor": "what is paid for sending it",
    "sku": "the shop's number for the variant, unique per tenant",
    "slug": "the readable part of its address, unique per tenant and locale",
    "status": "draft, active or archived; only what is active is shown",
    "Order.status": "pending, confirmed, paid, partly_shipped, shipped, delivered or cancelled",
    "subtitle": "a second line below the title",
    "tags": "free words to find it by",
    "tax_minor": "tax that is not in the prices",
    "Tenant.id": "the tenant's id, in every key and header",
    "Tenant.time_zone": "whose days its figures are of, an IANA name",
    "Tenant.slug": "its name in addresses and tokens, unique",
    "title": "as people read it",
    "topic": "where the record was",
    "tracking_number": "what the carrier calls it; none once nobody is to know whose it was",
    "translations": "its texts, one entry for each locale",
    "unit_price_minor": "the price of one when it was sold",
    "updated_at": "when it was changed last",
    "url": "where the image is",
    "value": "the record's value",
    "variant_id": "the variant it was",
    "variants": "what is actually sold",
}


def meaning(cls: type, field: str) -> str:
    """Empty when nobody wrote it down. The row of the aggregate is asked first; a field that is named for the aggregate
    is what it is after the change.
    """
    name = re.sub(r"V\d+$", "", cls.__name__)
    own = cls.__module__.rpartition(".")[2]
    row = BY_NAME.get(own)
    meanings = {**MEANINGS, own: f"the {own} after the change", **(row.meanings if row else {})}
    said = meanings.get(f"{name}.{field}", meanings.get(field, ""))
    return "" if said == UNSAID else said
