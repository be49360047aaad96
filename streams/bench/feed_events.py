"""Makes what the feeds read in a benchmark: events as the outbox has them, the same ones in every run.

Products: one event each, as an import leaves them. Orders: ten lines, placed, confirmed and paid, one after the other.
Hot products: a few that change again and again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from schemas import outbox_row
from schemas.envelope import Envelope
from schemas.event_catalogue import BY_TYPE
from schemas.event_codec import Encoder
from schemas.events.order import Order, OrderConfirmed, OrderLine, OrderPaid, OrderPlaced
from schemas.events.product import AttributeValue, Price, Product, ProductCreated, ProductText, ProductUpdated, Variant
from schemas.units import PIECE

LINES: Final = 10
EVENTS_OF_AN_ORDER: Final = 3
HOT_PRODUCTS: Final = 100
_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_TEXT: Final = (
    "tomato soup organic fresh whole milk bread roll apple juice frozen pizza salted butter green tea dark chocolate "
    "sliced cheese smoked ham brown rice black beans sweet corn peanut baby spinach ground coffee sparkling water"
)
_WORDS: Final = _TEXT.split()
_BRANDS: Final = ("Verde", "National", "Private", "Montana", "Alba")

Headers = list[tuple[str, str | bytes | None]]


@dataclass(frozen=True, slots=True)
class Sent:
    """A record to produce."""

    key: bytes
    value: bytes
    headers: Headers


class Events:
    """`ids` are the schema ids the readers will be told. One seed always gives the same events."""

    def __init__(self, ids: dict[tuple[str, int], int], seed: int = 7) -> None:
        self._encoder = Encoder(ids)
        self._random = Random(seed)  # noqa: S311  # the same data each time is what is wanted
        self.tenant_id = self._uuid()

    def products(self, number: int) -> list[Product]:
        return [self._product() for _ in range(number)]

    def created(self, product: Product) -> Sent:
        return self._sent("product.created", product.id, 1, ProductCreated(product=product))

    def orders(self, number: int) -> Iterator[Order]:
        products = self.products(500)
        for day in range(number):
            placed = _BEGIN + timedelta(minutes=day)
            lines = tuple(self._line(self._random.choice(products)) for _ in range(LINES))
            yield Order(
                id=self._uuid(),
                external_id=f"basket-{day}",
                customer_ref=f"household-{day % 2500}",
                status="pending",
                currency="USD",
                lines=lines,
                tax_minor=0,
                shipping_minor=0,
                discount_minor=0,
                total_minor=sum(line.total_minor for line in lines),
                placed_at=placed,
                confirmed_at=None,
                paid_at=None,
                payment_id=None,
                cancelled_at=None,
                cancel_reason=None,
                refund_minor=None,
                parcels=(),
                shipped_at=None,
                delivered_at=None,
                refunds=(),
                refunded_minor=0,
            )

    def life_of(self, order: Order) -> Iterator[Sent]:
        confirmed = replace(order, status="confirmed", confirmed_at=order.placed_at)
        paid = replace(confirmed, status="paid", paid_at=order.placed_at, payment_id="card")
        yield self._sent("order.placed", order.id, 1, OrderPlaced(order=order))
        yield self._sent("order.confirmed", order.id, 2, OrderConfirmed(order=confirmed))
        yield self._sent("order.paid", order.id, 3, OrderPaid(order=paid))

    def hot(self, number: int) -> Iterator[Sent]:
        """Changes of a few products in turn."""
        products = self.products(HOT_PRODUCTS)
        changes = [
            self._sent("product.updated", each.id, 1, ProductUpdated(product=each, changed=("title",)))
            for each in products
        ]
        for count in range(number):
            change = changes[count % HOT_PRODUCTS]
            version = str(count // HOT_PRODUCTS + 1).encode()
            yield replace(change, headers=_with(change.headers, "ce_aggregateversion", version))

    def _sent(self, event_type: str, id_: UUID, version: int, event: Any) -> Sent:
        envelope = Envelope(
            id=self._uuid(),
            event_type=event_type,
            schema_version=BY_TYPE[event_type].newest_version,
            tenant_id=self.tenant_id,
            aggregate_id=id_,
            aggregate_version=version,
            correlation_id=str(self._uuid()),
            causation_id=None,
            traceparent=f"00-{self._random.getrandbits(128):032x}-{self._random.getrandbits(64):016x}-01",
            occurred_at=_BEGIN,
            actor_id="bench",
        )
        row = outbox_row.row(envelope, self._encoder.encode(event))
        named = [("id", str(row.id)), *((header, getattr(row, column)) for header, column in outbox_row.HEADERS)]
        headers = [(name, None if value is None else str(value).encode()) for name, value in named]
        return Sent(row.aggregateid.encode(), row.payload, [*headers, (outbox_row.LSN_HEADER, b"0/1A2B3C8/0")])

    def _product(self) -> Product:
        title, about = self._words(4), self._words(20)
        sku = f"SKU-{self._random.getrandbits(32):08x}"
        price = Price(currency="USD", amount_minor=self._random.randrange(50, 2000), compare_at_minor=None)
        variant = Variant(
            id=self._uuid(),
            sku=sku,
            barcode=None,
            option_values={},
            prices=(price,),
            weight_g=400,
            length_mm=None,
            width_mm=None,
            height_mm=None,
            image_url=None,
            unit=PIECE,
        )
        categories = (self._uuid(), self._uuid())
        return Product(
            id=self._uuid(),
            external_id=sku,
            status="active",
            brand=self._random.choice(_BRANDS),
            translations=(
                ProductText(
                    locale="en",
                    title=title,
                    handle=sku.lower(),
                    subtitle=self._words(3),
                    description=about,
                    seo_title=None,
                    seo_description=None,
                ),
            ),
            category_ids=categories[:1],
            category_path_ids=categories,
            options=(),
            variants=(variant,),
            images=(),
            tags=(),
            attributes={"size": "400 g"},
            option_texts=(),
            typed_attributes={"size": AttributeValue(text="400 g", number=None, boolean=None, texts=None)},
            related_ids=(),
            created_at=_BEGIN,
            updated_at=_BEGIN,
        )

    def _line(self, product: Product) -> OrderLine:
        (variant,), quantity = product.variants, self._random.randrange(1, 5)
        unit = variant.prices[0].amount_minor
        return OrderLine(
            product_id=product.id,
            variant_id=variant.id,
            sku=variant.sku,
            title=product.translations[0].title,
            category="GROCERY",
            category_path=("GROCERY",),
            brand=product.brand,
            quantity=quantity,
            unit=PIECE,
            unit_price_minor=unit,
            list_price_minor=unit,
            adjustment_minor=0,
            discount_minor=0,
            total_minor=quantity * unit,
        )

    def _words(self, number: int) -> str:
        return " ".join(self._random.choices(_WORDS, k=number))

    def _uuid(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)


def _with(headers: Headers, name: str, value: bytes) -> Headers:
    return [(each, value if each == name else held) for each, held in headers]
