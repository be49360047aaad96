"""Answers from read models in JSON."""

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from api.http.bodies.fields import AnswerBody
from sinks.freshness import State
from sinks.search.product_query import Facet


class Fresh(BaseModel):
    """What every answer from a read model says: all that was committed before `as_of` is in it."""

    as_of: str | None
    lag_ms: int | None
    state: State = Field(
        description="`fresh`: as_of is a promise. `building`: the read model is being filled and lacks what is still to"
        " come. `gap`: events may have been lost on the way to it. `unknown`: it has not said anything yet."
    )


class HitAnswer(AnswerBody):
    """`highlight` is the title with the found words in `<em>`, HTML-escaped; `snippet` the same of what stands around
    them in the subtitle or the description. Prices are in the asked currency, `null` where it has none in it.
    """

    id: UUID
    title: str
    handle: str
    subtitle: str | None
    brand: str | None
    category_ids: list[UUID]
    currency: str | None
    price_min_minor: int | None
    price_max_minor: int | None
    image_url: str | None
    skus: list[str]
    in_stock: bool = Field(description="A variant can be ordered: it is in stock somewhere, or is not counted.")
    locale: str
    highlight: str | None
    snippet: str | None
    score: float | None
    version: int


class BucketAnswer(AnswerBody):
    value: str
    label: str
    count: int


class PriceRangeAnswer(AnswerBody):
    min_minor: int
    max_minor: int


class StockCountsAnswer(AnswerBody):
    in_stock: int
    out_of_stock: int


class NumberRangeAnswer(AnswerBody):
    min: Decimal
    max: Decimal


class NamedFacetAnswer(AnswerBody):
    """Of one option or attribute. `range` is of its numbers."""

    name: str
    values: list[BucketAnswer]
    range: NumberRangeAnswer | None


class FacetsAnswer(AnswerBody):
    """Each facet ignores its own filter, so that another value can be chosen beside it."""

    categories: list[BucketAnswer]
    brands: list[BucketAnswer]
    tags: list[BucketAnswer]
    options: list[NamedFacetAnswer]
    attributes: list[NamedFacetAnswer]
    price: PriceRangeAnswer | None
    stock: StockCountsAnswer | None
    incomplete: list[Facet] = Field(description="Those that have more values than are here.")


class SearchAnswer(Fresh):
    total: int
    match: Literal["all", "loose", "some"] = Field(
        description="`all`: the hits have every word. `loose`: nothing has, and these have every word give or take a"
        " typo, or as the beginning or a part of one. `some`: nothing has even that, and these have half of the words."
    )
    page: int
    per_page: int
    hits: list[HitAnswer]
    facets: FacetsAnswer


class SuggestedCategoryAnswer(AnswerBody):
    id: UUID
    name: str
    locale: str
    highlight: str | None


class SuggestionsAnswer(Fresh):
    """The best first. `highlight` has what was typed in `<em>`, HTML-escaped."""

    products: list[HitAnswer]
    categories: list[SuggestedCategoryAnswer]


class SalesRowAnswer(AnswerBody):
    """`period` is the first day of the day, week (Monday) or month.

    What was sold counts where it was ordered, what was taken back where that was done.
    """

    period: date | None
    category: str | None
    currency: str
    orders: int
    units: int
    revenue_minor: int = Field(description="Gross: what was sold, whatever of it was taken back later.")
    reversed_units: int = Field(description="Units that came back, or did not leave any more.")
    reversed_minor: int = Field(description="What refunds took of revenue: without tax, shipping and goodwill.")
    net_revenue_minor: int = Field(description="`revenue_minor` − `reversed_minor`.")
    refunded_minor: int = Field(description="All the money that went back, with tax, shipping and goodwill.")


class SalesAnswer(Fresh):
    """`totals` has one row for each currency: money of different currencies is never added up."""

    timezone: str
    rows: list[SalesRowAnswer]
    totals: list[SalesRowAnswer]
