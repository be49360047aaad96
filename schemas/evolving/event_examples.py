"""Makes three examples of any version of an event: full, with as little as it can have, and odd.

They are made from the class alone and are the same each time: texts, numbers and times by the name of the field, ids by
its place. The golden files hold them, and the pages that show events.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final, get_args, get_origin, get_type_hints
from uuid import UUID, uuid5

from schemas.avro_schema import optional
from schemas.event_history import History


class Kind(Enum):
    FULL = "full"
    SPARSE = "sparse"
    ODD = "odd"


#: By `<event>.<field>`, `<class>.<field>`, or the field's name alone.
_TEXTS: Final[Mapping[str, str]] = {
    "alt": "A tin of tomatoes",
    "barcode": "4006381333931",
    "brand": "Verde",
    "cancel_reason": "changed their mind",
    "carrier": "Parcel Post",
    "category": "Groceries",
    "category_path": "Groceries",
    "Category.external_id": "groceries",
    "CategoryText.name": "Groceries",
    "CategoryText.slug": "groceries",
    "Collection.external_id": "breakfast",
    "CollectionText.handle": "breakfast",
    "CollectionText.title": "Breakfast",
    "RuleCondition.field": "tag",
    "match": "all",
    "seo_description": "All for the morning.",
    "seo_title": "Breakfast at home",
    "values": "vegan",
    "changed": "translations",
    "TenantUpdated.changed": "name",
    "RecordHeader.name": "ce_type",
    "RecordHeader.value": "product.updated",
    "key": "0198f0c2-6a2e-7c11-9d53-3f1c2b7a9e10",
    "currency": "EUR",
    "customer_ref": "household-1",
    "default_locale": "en",
    "description": "Peeled and chopped.",
    "domains": "shop.example",
    "feed": "products",
    "handle": "tomatoes-400-g",
    "locale": "en",
    "locales": "en",
    "options": "size",
    "payment_id": "payment-1",
    "reason": "changed their mind",
    "sku": "TOM-400",
    "status": "active",
    "order.placed.status": "pending",
    "order.edited.status": "pending",
    "order.confirmed.status": "confirmed",
    "order.paid.status": "paid",
    "order.shipped.status": "shipped",
    "order.delivered.status": "delivered",
    "order.refunded.status": "delivered",
    "order.cancelled.status": "cancelled",
    "collection.created.status": "draft",
    "collection.deleted.status": "draft",
    "collection.unpublished.status": "draft",
    "product.created.status": "draft",
    "product.unpublished.status": "draft",
    "product.archived.status": "archived",
    "product.deleted.status": "archived",
    "subtitle": "in juice",
    "tags": "vegan",
    "Tenant.name": "Corner shop",
    "Tenant.slug": "corner",
    "title": "Tomatoes, 400 g",
    "unit": "piece",
    "topic": "rustok.product",
    "tracking_number": "PP-4711",
    "url": "https://shop.example/tomatoes.jpg",
}
_NUMBERS: Final[Mapping[str, int]] = {
    "adjustment_minor": -20,
    "amount_minor": 150,
    "compare_at_minor": 180,
    "discount_minor": 100,
    "line_no": 1,
    "list_price_minor": 180,
    "parcel_no": 1,
    "quantity": 2,
    "refund_minor": 698,
    "refund_no": 1,
    "returned": 1,
    "not_sent": 0,
    "other_minor": 0,
    "RefundLine.amount_minor": 140,
    "Refund.amount_minor": 140,
    "shipping_minor": 490,
    "tax_minor": 28,
    "OrderLine.discount_minor": 20,
    "OrderLine.total_minor": 280,
    "Order.total_minor": 698,
    "unit_price_minor": 150,
}
_IDS: Final = UUID("5b1f0d38-6d2c-5c40-8a57-0c6c4f6b7a10")
_MOMENT: Final = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
_ODD_TEXT: Final = "Ünïcödé „漢字“ 🛒\n\x00"
_ODD_NUMBERS: Final = (-(2**63), 2**63 - 1)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value goes: the class that holds it, its field, and the way there from the event."""

    kind: Kind
    holder: str
    field: str
    path: str

    def inside(self, step: object) -> "_Place":
        return _Place(self.kind, self.holder, self.field, f"{self.path}.{step}")


def examples(history: History, version: int) -> tuple[Any, ...]:
    """Objects of the class of this version, one of each kind."""
    cls = history.versions[version - 1]
    return tuple(_object(cls, _Place(kind, "", "", history.event_type)) for kind in Kind)


def _object(cls: type, place: _Place) -> Any:
    hints = get_type_hints(cls)
    holder = re.sub(r"V\d+$", "", cls.__name__)
    places = {field.name: _Place(place.kind, holder, field.name, f"{place.path}.{field.name}") for field in fields(cls)}
    return cls(**{name: _value(hints[name], there) for name, there in places.items()})


def _value(hint: Any, place: _Place) -> Any:
    inner = optional(hint)
    if inner is not None:
        return None if place.kind is Kind.SPARSE else _value(inner, place)
    if is_dataclass(hint) and isinstance(hint, type):
        return _object(hint, place)
    if get_origin(hint) is tuple:
        return tuple(_value(get_args(hint)[0], place.inside(number)) for number in range(_how_many(place.kind)))
    if get_origin(hint) is Mapping:
        keys = ("size", _ODD_TEXT)[: _how_many(place.kind)]
        return {key: _value(get_args(hint)[1], place.inside(key)) for key in keys}
    return _plain(hint, place)


def _how_many(kind: Kind) -> int:
    return {Kind.FULL: 1, Kind.SPARSE: 0, Kind.ODD: 2}[kind]


def _plain(hint: Any, place: _Place) -> Any:
    if hint is UUID:
        return uuid5(_IDS, place.path)
    if hint is datetime:
        odd = timedelta(days=60_000, microseconds=1)
        return _MOMENT + odd if place.kind is Kind.ODD else _MOMENT
    if hint is bool:
        return place.kind is not Kind.SPARSE
    if hint is int:
        number = _known(_NUMBERS, place, default=7)
        return {Kind.FULL: number, Kind.SPARSE: 0, Kind.ODD: _ODD_NUMBERS[len(place.path) % 2]}[place.kind]
    text = _known(_TEXTS, place, default=place.field.replace("_", " "))
    words = {Kind.FULL: text, Kind.SPARSE: "", Kind.ODD: _ODD_TEXT}[place.kind]
    return words.encode() if hint is bytes else words


def _known(values: Mapping[str, Any], place: _Place, default: Any) -> Any:
    event_type = ".".join(place.path.split(".")[:2])
    names = (f"{event_type}.{place.field}", f"{place.holder}.{place.field}", place.field)
    return next((values[name] for name in names if name in values), default)
