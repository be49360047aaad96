"""A cart in JSON: as it is kept, and counted. Every `*_minor` is in minor units of the cart's `currency`."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.domain.carts import Cart, CartState
from api.domain.changes import Versioned
from api.domain.count_cart import CountedCart, CountedLine, PriceChange
from api.http.bodies.fields import AnswerBody, PageAnswer
from api.http.bodies.products import ProductInLocale
from api.use_cases.carts.count_carts import ShownCart


class CartLineAnswer(AnswerBody):
    variant_id: UUID
    sku: str
    quantity: int
    unit_price_minor: int = Field(description="What one cost when the line was last changed.")


class CartProblem(AnswerBody):
    field: str
    code: str
    message: str


class CountedLineAnswer(AnswerBody):
    """As the line of `lines` in the same place would be ordered now; without prices when it cannot be."""

    title: str | None
    unit: str | None = Field(description="What its quantity counts.")
    unit_price_minor: int | None = Field(description="What one costs now.")
    price_changed: bool
    price_changed_by: PriceChange | None = Field(
        description="`customer_group`: everybody else pays what it cost before. `shop`: it costs another price by now."
    )
    total_minor: int | None
    tax_rate: int = Field(description="Hundredths of a percent.")
    tax_minor: int
    available: int | None = Field(description="How many can be had; null: as many as are wanted.")
    problem: CartProblem | None

    @classmethod
    def of(cls, one: CountedLine) -> Self:
        return cls(
            title=None if one.sold is None else one.sold.title,
            unit=None if one.sold is None else one.sold.unit,
            unit_price_minor=None if one.sold is None else one.sold.unit_price_minor,
            price_changed=one.price_changed,
            price_changed_by=one.price_changed_by,
            total_minor=None if one.sold is None else one.sold.total_minor,
            tax_rate=one.tax_rate,
            tax_minor=one.tax_minor,
            available=one.available,
            problem=None if one.problem is None else CartProblem.model_validate(one.problem),
        )


class OfferedMethodAnswer(AnswerBody):
    code: str
    name: str
    amount_minor: int


class CountedAnswer(AnswerBody):
    """What the cart comes to now. The total is the subtotal less the discount, the shipping and `tax_minor`."""

    lines: list[CountedLineAnswer]
    shipping_methods: list[OfferedMethodAnswer] = Field(description="By what it can be sent, at what cost.")
    subtotal_minor: int
    discount_minor: int
    shipping_minor: int
    tax_minor: int = Field(description="What is added; 0 where prices include the tax.")
    tax_included_minor: int = Field(description="What of the prices and the shipping is tax already.")
    total_minor: int
    problems: list[CartProblem] = Field(description="What keeps it from being ordered.")

    @classmethod
    def of(cls, counted: CountedCart) -> Self:
        summed = counted.totals
        return cls(
            lines=[CountedLineAnswer.of(one) for one in counted.lines],
            shipping_methods=[OfferedMethodAnswer.model_validate(one) for one in counted.methods],
            subtotal_minor=summed.subtotal_minor,
            discount_minor=summed.discount_minor,
            shipping_minor=summed.shipping_minor,
            tax_minor=summed.tax_minor,
            tax_included_minor=summed.tax_included_minor,
            total_minor=summed.total_minor,
            problems=[CartProblem.model_validate(one) for one in counted.problems],
        )


class _CartFacts(AnswerBody):
    id: UUID
    state: CartState
    customer_ref: str | None
    currency: str
    country: str | None
    postal_code: str | None
    shipping_method: str | None
    discount_code: str | None
    lines: list[CartLineAnswer]
    made_at: datetime
    changed_at: datetime
    order_id: UUID | None = Field(description="What became of it.")
    tax_included_minor: int | None = Field(description="What of the order's total was tax already.")


class KeptCartAnswer(_CartFacts):
    version: int
    products: list[ProductInLocale] | None = Field(
        default=None,
        exclude_if=lambda told: told is None,
        description="With `include=products`: those of its lines, each once, as far as they are to be seen.",
    )

    @classmethod
    def of_kept(cls, held: Versioned[Cart]) -> Self:
        return cls(**dict(_CartFacts.model_validate(held.value)), version=held.version)


class CartPage(PageAnswer):
    items: list[KeptCartAnswer]


class CartAnswer(_CartFacts):
    counted: CountedAnswer | None = Field(description="null once it is ordered: the order says what was agreed.")
    version: int
    products: list[ProductInLocale] | None = Field(
        default=None,
        exclude_if=lambda told: told is None,
        description="With `include=products`: those of its lines, each once, as far as they are to be seen.",
    )

    @classmethod
    def of(cls, shown: ShownCart, **more: str | None) -> Self:
        facts = _CartFacts.model_validate(shown.held.value)
        counted = None if shown.counted is None else CountedAnswer.of(shown.counted)
        return cls(**dict(facts), counted=counted, version=shown.held.version, **more)


class CartMade(CartAnswer):
    token: str | None = Field(description="Said once: bring it as `X-Cart-Token`. null where the cart is somebody's.")
