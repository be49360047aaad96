"""Finds products by words, category, brand, tags, options, attributes, price, and whether they are in stock."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal, get_args
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from api.domain.errors import Invalid
from api.domain.money import MOST_MINOR
from api.domain.scope import Access
from api.use_cases.fields import Currency, Locale, as_list
from api.use_cases.read_models.question import Asked, Repeated, Search, Wait
from schemas.events.tenant import Tenant
from sinks.search.product_query import DEEPEST_HIT, Facet, ProductQuery, Sort
from sinks.search.product_questions import FoundProducts

#: Languages of a shop that are searched in what has neither the asked one nor the shop's own.
_MOST_OTHERS: Final = 4
_MOST_FACETS: Final = 10


def _named(given: Sequence[str]) -> Sequence[str]:
    for one in given:
        name, colon, value = one.partition(":")
        if not (name and colon and value):
            raise ValueError("is a name, a colon and a value")
    return given


#: `name:value`, divided at the first colon.
NamedValues = Annotated[Repeated, AfterValidator(_named)]
Facets = Annotated[
    list[Facet | Literal["none"]],
    BeforeValidator(as_list),
    WithJsonSchema(
        {"type": "array", "items": {"type": "string", "enum": [*get_args(Facet), "none"]}, "maxItems": _MOST_FACETS}
    ),
]


class ProductsSought(Asked):
    """Prices are minor units."""

    q: str = Field(default="", max_length=200)
    locale: Locale | None = Field(default=None, description="The shop's own when it is missing.")
    currency: Currency | None = Field(default=None, description="Of all prices. The shop's own when it is missing.")
    category: UUID | None = None
    brand: Repeated = Field(default=[], max_length=50)
    tag: Repeated = Field(default=[], max_length=50)
    option: NamedValues = Field(default=[], max_length=50, description="`size:L`, once or several times.")
    attribute: NamedValues = Field(default=[], max_length=50, description="`organic:true`, once or several times.")
    price_min: int | None = Field(default=None, ge=0, le=MOST_MINOR)
    price_max: int | None = Field(default=None, ge=0, le=MOST_MINOR)
    in_stock: bool | None = Field(default=None, description="Only what can be ordered, or only what cannot.")
    sort: Sort = "relevance"
    facets: Facets = Field(
        default=["category", "brand", "price", "stock"],
        max_length=_MOST_FACETS,
        description="Those to count, or `none`.",
    )
    facet_size: int = Field(default=50, ge=1, le=1000, description="Values of a facet; chosen ones are always there.")
    page: int = Field(default=1, ge=1, le=DEEPEST_HIT)
    per_page: int = Field(default=20, ge=1, le=100)


def search_products(search: Search, access: Access, asked: ProductsSought, until_visible: Wait) -> FoundProducts:
    """Only what is published is in the read model, whoever asks. Raises `Invalid`, `Unavailable`, and as the wait."""
    if asked.page * asked.per_page > DEEPEST_HIT:
        raise Invalid.field("page", "too_deep", f"Only the first {DEEPEST_HIT} hits can be paged through.")
    if asked.price_min is not None and asked.price_max is not None and asked.price_min > asked.price_max:
        raise Invalid.field("price_max", "below_minimum", "price_max is not below price_min.")
    until_visible()
    shop = access.shop
    return search.search(
        ProductQuery(
            tenant_id=shop.id,
            text=asked.q,
            locales=understood(asked.locale, shop),
            currency=asked.currency or shop.currency,
            category_id=asked.category,
            brands=tuple(asked.brand),
            tags=tuple(asked.tag),
            options=_by_name(asked.option),
            attributes=_by_name(asked.attribute),
            price_min_minor=asked.price_min,
            price_max_minor=asked.price_max,
            in_stock=asked.in_stock,
            sort=asked.sort,
            page=asked.page,
            per_page=asked.per_page,
            facets=frozenset(one for one in asked.facets if one != "none"),
            facet_size=asked.facet_size,
            reached=access.reached("search"),
        )
    )


def understood(asked: str | None, shop: Tenant) -> tuple[str, ...]:
    """What was asked for, the shop's own, and then the others of the shop: better any words than none."""
    first = dict.fromkeys((asked or shop.default_locale, shop.default_locale))
    others = [locale for locale in shop.locales if locale not in first]
    return (*first, *others[:_MOST_OTHERS])


def _by_name(given: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in given:
        name, _, value = one.partition(":")
        found[name] = (*found.get(name, ()), value)
    return found
