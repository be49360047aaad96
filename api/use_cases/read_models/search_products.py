"""Finds products by words, category, brand, tags, options, attributes, price, and whether they are in stock."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Final, Literal, get_args
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from api.domain.errors import Invalid
from api.domain.money import MOST_MINOR, checked_currency
from api.domain.scope import Access
from api.use_cases.fields import LONGEST_NAME, Locale, as_list
from api.use_cases.prices.whose_prices import group_of_asker
from api.use_cases.read_models.logged_searches import LONGEST_SESSION
from api.use_cases.read_models.question import NO_FLAG, Grouped, PricesAsked, Repeated, Search, Settled, Wait
from schemas.events.tenant import Tenant
from sinks.search.found_products import ExplainedProducts, FoundProducts
from sinks.search.product_query import DEEPEST_HIT, ProductQuery, Sort

#: Languages of a shop that are searched in what has neither the asked one nor the shop's own.
_MOST_OTHERS: Final = 4
_MOST_FACETS: Final = 10
#: Values of a filter.
MOST_CHOSEN: Final = 50
MOST_ON_A_PAGE: Final = 100


def _named(given: Sequence[str]) -> Sequence[str]:
    for one in given:
        name, colon, value = one.partition(":")
        if not (name and colon and value):
            raise ValueError("is a name, a colon and a value")
    return given


#: `name:value`.
LONGEST_NAMED: Final = len(":") + 2 * LONGEST_NAME
#: `name:value`, divided at the first colon.
NamedValues = Annotated[
    list[Annotated[str, StringConstraints(max_length=LONGEST_NAMED)]],
    BeforeValidator(as_list),
    AfterValidator(_named),
    WithJsonSchema({"type": "array", "items": {"type": "string", "maxLength": LONGEST_NAMED}, "maxItems": MOST_CHOSEN}),
]


def _none_alone(given: Sequence[str]) -> Sequence[str]:
    if "none" in given and len(given) > 1:
        raise ValueError("is none, or those to count")
    return given


#: As `Facet`, or none of them.
_CountedFacet = Literal["category", "brand", "tag", "option", "attribute", "price", "stock", "none"]
Facets = Annotated[
    list[_CountedFacet],
    BeforeValidator(as_list),
    AfterValidator(_none_alone),
    WithJsonSchema(
        {"type": "array", "items": {"type": "string", "enum": list(get_args(_CountedFacet))}, "maxItems": _MOST_FACETS}
    ),
]


class ProductsChosen(PricesAsked):
    """Which products are meant, in an address or in a body. Prices are minor units."""

    q: str = Field(default="", max_length=200)
    locale: Locale | None = Field(default=None, description="The shop's own when it is missing.")
    category: UUID | None = None
    brand: Repeated = Field(default=[], max_length=MOST_CHOSEN)
    tag: Repeated = Field(default=[], max_length=MOST_CHOSEN)
    option: NamedValues = Field(default=[], max_length=MOST_CHOSEN, description="`size:L`, once or several times.")
    attribute: NamedValues = Field(
        default=[], max_length=MOST_CHOSEN, description="`organic:true`, once or several times."
    )
    price_min: Annotated[int, Field(ge=0, le=MOST_MINOR), NO_FLAG] | None = None
    price_max: Annotated[int, Field(ge=0, le=MOST_MINOR), NO_FLAG] | None = None
    in_stock: bool | None = Field(default=None, description="Only what can be ordered, or only what cannot.")


class ProductsSought(ProductsChosen):
    """And how they are shown and counted."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"q": "bread", "brand": ["Rye & Sons"], "price_max": 900, "facets": ["tag"]}]}
    )

    sort: Sort = "relevance"
    facets: Facets = Field(
        default=["category", "brand", "price", "stock"],
        max_length=_MOST_FACETS,
        description="Those to count, or `none`.",
    )
    facet_size: Annotated[int, Field(ge=1, le=1000), NO_FLAG] = Field(
        default=50, description="Values of a facet; chosen ones are always there."
    )
    session: str = Field(
        default="",
        max_length=LONGEST_SESSION,
        description="What the page calls the visit; only a hash is kept, which is another one each day.",
    )
    page: Annotated[int, Field(ge=1, le=DEEPEST_HIT), NO_FLAG] = 1
    per_page: Annotated[int, Field(ge=1, le=MOST_ON_A_PAGE), NO_FLAG] = 20

    @property
    def most_on_a_page(self) -> int:
        return MOST_ON_A_PAGE

    @property
    def narrowed_by(self) -> tuple[str, ...]:
        """The names of the filters."""
        chosen = {
            "category": self.category,
            "brand": self.brand,
            "tag": self.tag,
            "option": self.option,
            "attribute": self.attribute,
            "price": (self.price_min, self.price_max) != (None, None),
            "stock": self.in_stock is not None,
        }
        return tuple(name for name, value in chosen.items() if value)


def search_products(
    search: Search, access: Access, asked: ProductsSought, until_visible: Wait, settings: Settled, groups: Grouped
) -> FoundProducts:
    """Only what is published is in the read model, whoever asks.

    Raises `Invalid`, `Forbidden` for the prices of a group that are not the asker's business, `Unavailable`, and as the
    wait.
    """
    return search.search(asked_query(access, asked, until_visible, settings, groups))


def explain_products(
    search: Search, access: Access, asked: ProductsSought, until_visible: Wait, settings: Settled, groups: Grouped
) -> ExplainedProducts:
    """What the same search finds, and why it is where it is."""
    return search.explain(asked_query(access, asked, until_visible, settings, groups))


def asked_query(
    access: Access, asked: ProductsSought, until_visible: Wait, settings: Settled, groups: Grouped
) -> ProductQuery:
    """Waits, too. Raises `Invalid`, `Forbidden`, and as the wait."""
    if asked.per_page > asked.most_on_a_page:
        raise Invalid.field("per_page", "less_than_equal", f"At most {asked.most_on_a_page}; more by `cursor`.")
    if asked.page * asked.per_page > DEEPEST_HIT:
        raise Invalid.field("page", "too_deep", f"Pages end at hit {DEEPEST_HIT}: ask by `cursor` for more.")
    return replace(
        chosen_query(access, asked, until_visible, settings, groups),
        sort=asked.sort,
        page=asked.page,
        per_page=asked.per_page,
        facets=frozenset(one for one in asked.facets if one != "none"),
        facet_size=asked.facet_size,
    )


def chosen_query(
    access: Access, asked: ProductsChosen, until_visible: Wait, settings: Settled, groups: Grouped
) -> ProductQuery:
    """Asks for no facet. Waits, too. Raises `Invalid`, `Forbidden`, and as the wait."""
    if asked.price_min is not None and asked.price_max is not None and asked.price_min > asked.price_max:
        raise Invalid.field("price_max", "below_minimum", "price_max has to be price_min or more.")
    until_visible()
    return replace(
        visible_to(access, asked.locale, settings, asked.currency, priced_for(access, asked, groups)),
        text=asked.q,
        category_id=asked.category,
        brands=tuple(asked.brand),
        tags=tuple(asked.tag),
        options=_by_name(asked.option),
        attributes=_by_name(asked.attribute),
        price_min_minor=asked.price_min,
        price_max_minor=asked.price_max,
        in_stock=asked.in_stock,
    )


def priced_for(access: Access, asked: PricesAsked, groups: Grouped) -> str | None:
    """The group whose prices whoever asks is shown; None: what everybody pays. Raises `Forbidden`."""
    return group_of_asker(access, asked.customer_group, partial(groups, access.shop.id))


def visible_to(
    access: Access, locale: str | None, settings: Settled, currency: str | None, customer_group: str | None
) -> ProductQuery:
    """All that who asks may see of their shop, in the languages and the currency that were asked for, or its own, at
    the prices of this group.

    Every question is a part of it: none leaves out whose it is, what is reached, and what the shop says of its search.
    Raises `Invalid` for a currency that there is not.
    """
    shop = access.shop
    return ProductQuery(
        tenant_id=shop.id,
        locales=understood(locale, shop),
        currency=shop.currency if currency is None else checked_currency(currency, "currency"),
        customer_group=customer_group,
        facets=frozenset(),
        reached=access.reached("search"),
        settings=settings(shop.id),
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
