"""Ready-made values for tests: one order, one product, one envelope, each with what a test wants to be different."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from schemas import avro_schema
from schemas.envelope import Envelope
from schemas.event_catalogue import BY_TYPE
from schemas.event_codec import Encoder
from schemas.events.category import Category, CategoryText
from schemas.events.order import Order, OrderLine, OrderPaid
from schemas.events.page import Page, PageText
from schemas.events.product import Price, Product, ProductText, Variant
from schemas.events.stock import Stock
from schemas.events.tenant import Tenant
from sinks.analytics.event_archive import archived_event
from sinks.sink import DocumentChange

MOMENT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)

#: Every version of every event, numbered as a registry would.
SCHEMA_IDS = {
    (history.event_type, version): id_ for id_, (history, version) in enumerate(avro_schema.every_version(), start=1)
}


def newest(event_type: str) -> int:
    """The version that the code writes today."""
    return BY_TYPE[event_type].newest_version


def newest_id(event_type: str) -> int:
    return SCHEMA_IDS[event_type, newest(event_type)]


class EverySchema:
    """A `schemas.event_codec.SchemaIds` that knows exactly `SCHEMA_IDS`."""

    def __init__(self) -> None:
        self.texts = {
            SCHEMA_IDS[history.event_type, version]: avro_schema.text(history, version)
            for history, version in avro_schema.every_version()
        }

    def text_of(self, schema_id: int) -> str | None:
        return self.texts.get(schema_id)


def encoder() -> Encoder:
    return Encoder(SCHEMA_IDS)


def envelope(event_type: str = "order.paid", **different: Any) -> Envelope:
    return replace(
        Envelope(
            id=uuid4(),
            event_type=event_type,
            schema_version=newest(event_type),
            tenant_id=uuid4(),
            aggregate_id=uuid4(),
            aggregate_version=1,
            correlation_id="checkout-7",
            causation_id=None,
            traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            occurred_at=MOMENT,
            actor_id="till-1",
        ),
        **different,
    )


def line(**different: Any) -> OrderLine:
    """It is worth its total: of what is not said, the adjustment or the total is what makes it so."""
    price = different.get("unit_price_minor", 150)
    different.setdefault("list_price_minor", max(180, price))
    worth = different.get("quantity", 2) * price
    if "total_minor" not in different:
        different["total_minor"] = worth + different.setdefault("adjustment_minor", -min(20, worth))
    elif "adjustment_minor" not in different:
        different["adjustment_minor"] = different["total_minor"] - worth
    return replace(
        OrderLine(
            product_id=uuid4(),
            variant_id=uuid4(),
            sku="TOM-400",
            title="Tomatoes, 400 g",
            category="Groceries",
            category_path=("Groceries", "Canned"),
            brand="Verde",
            quantity=2,
            unit="piece",
            unit_price_minor=150,
            list_price_minor=180,
            adjustment_minor=-20,
            discount_minor=20,
            total_minor=280,
        ),
        **different,
    )


def order(**different: Any) -> Order:
    """Without a total of its own it has the sum."""
    if "total_minor" not in different:
        lines = sum(one.total_minor for one in different.get("lines", (line(),)))
        signed = (
            different.get("tax_minor", 0),
            different.get("shipping_minor", 0),
            -different.get("discount_minor", 0),
        )
        different["total_minor"] = lines + sum(signed)
    return replace(
        Order(
            id=uuid4(),
            external_id=None,
            customer_ref="household-1",
            status="paid",
            currency="EUR",
            lines=(line(),),
            tax_minor=0,
            shipping_minor=0,
            discount_minor=0,
            total_minor=280,
            placed_at=MOMENT,
            confirmed_at=MOMENT,
            paid_at=MOMENT,
            payment_id="payment-1",
            cancelled_at=None,
            cancel_reason=None,
            refund_minor=None,
            parcels=(),
            shipped_at=None,
            delivered_at=None,
            refunds=(),
            refunded_minor=0,
        ),
        **different,
    )


def archived_order(version: int = 1, lines: int = 1, **different: Any) -> DocumentChange:
    """What the archive is given of a paid order."""
    paid = order(lines=tuple(line() for _ in range(lines)), **different)
    return archived_event(envelope(aggregate_id=paid.id, aggregate_version=version), OrderPaid(order=paid))


def product(**different: Any) -> Product:
    return replace(
        Product(
            id=uuid4(),
            external_id=None,
            status="active",
            brand="Verde",
            translations=(text("en", "Canned tomatoes"),),
            category_ids=(),
            category_path_ids=(),
            options=(),
            variants=(variant(),),
            images=(),
            tags=(),
            attributes={},
            option_texts=(),
            typed_attributes={},
            related_ids=(),
            created_at=MOMENT,
            updated_at=MOMENT,
        ),
        **different,
    )


def page(title: str, body: str = "", locale: str = "en", **different: Any) -> Page:
    """Published."""
    handle = title.lower().replace(" ", "-")
    said = PageText(
        locale=locale, title=title, handle=handle, summary=None, body=body, seo_title=None, seo_description=None
    )
    return replace(
        Page(
            id=uuid4(),
            kind="page",
            status="published",
            parent_id=None,
            position=0,
            translations=(said,),
            tags=(),
            published_at=MOMENT,
            created_at=MOMENT,
            updated_at=MOMENT,
        ),
        **different,
    )


def text(locale: str, title: str, **different: Any) -> ProductText:
    handle = title.lower().replace(" ", "-")
    return replace(
        ProductText(
            locale=locale,
            title=title,
            handle=handle,
            subtitle=None,
            description=None,
            seo_title=None,
            seo_description=None,
        ),
        **different,
    )


def variant(amount_minor: int = 150, sku: str = "TOM-400", currency: str = "EUR", **different: Any) -> Variant:
    price = Price(currency=currency, amount_minor=amount_minor, compare_at_minor=None)
    return replace(
        Variant(
            id=uuid4(),
            sku=sku,
            barcode=None,
            option_values={},
            prices=(price,),
            weight_g=None,
            length_mm=None,
            width_mm=None,
            height_mm=None,
            image_url=None,
            unit="piece",
        ),
        **different,
    )


def stock(**different: Any) -> Stock:
    return replace(
        Stock(
            id=uuid4(),
            variant_id=uuid4(),
            product_id=uuid4(),
            location_id=uuid4(),
            on_hand=10,
            reserved=0,
            incoming=0,
            low_threshold=None,
            backorder=False,
        ),
        **different,
    )


def category(name: str, id_: UUID | None = None, locale: str = "en") -> Category:
    own = id_ or uuid4()
    names = (CategoryText(locale=locale, name=name, slug=name.lower(), description=None),)
    return Category(id=own, external_id=None, parent_id=None, path=(own,), position=0, translations=names)


def tenant(**different: Any) -> Tenant:
    return replace(
        Tenant(
            id=uuid4(),
            slug="corner",
            name="Corner",
            domains=(),
            default_locale="de",
            locales=("de",),
            currency="EUR",
            time_zone="Europe/Berlin",
            modules=(),
            active=True,
        ),
        **different,
    )
