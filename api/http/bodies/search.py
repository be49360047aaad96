"""Search and analytics in JSON."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from api.domain.money import MOST_MINOR
from api.http.bodies.fields import Answer
from api.http.read_model_answers import Asked, Fresh, Repeated
from api.use_cases.fields import Currency, Locale
from sinks.analytics.sales import Period
from sinks.search.product_query import Sort


class ProductsSought(Asked):
    """Prices are minor units."""

    q: str = Field(default="", max_length=200)
    locale: Locale | None = Field(default=None, description="The shop's own when it is missing.")
    category: UUID | None = None
    brand: Repeated = Field(default=[], max_length=50)
    price_min: int | None = Field(default=None, ge=0, le=MOST_MINOR)
    price_max: int | None = Field(default=None, ge=0, le=MOST_MINOR)
    sort: Sort = "relevance"
    page: int = Field(default=1, ge=1)
    per_page: int = Field(default=20, ge=1, le=100)


class HitAnswer(Answer):
    """`highlight` is the title with the found words in `<em>`, HTML-escaped."""

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
    locale: str
    highlight: str | None
    score: float | None
    version: int


class BucketAnswer(Answer):
    value: str
    label: str
    count: int


class PriceRangeAnswer(Answer):
    min_minor: int
    max_minor: int


class FacetsAnswer(Answer):
    """Each facet ignores its own filter, so that another value can be chosen beside it."""

    categories: list[BucketAnswer]
    brands: list[BucketAnswer]
    price: PriceRangeAnswer | None


class SearchAnswer(Fresh):
    total: int
    page: int
    per_page: int
    hits: list[HitAnswer]
    facets: FacetsAnswer


class SalesAsked(Asked):
    """Days are inclusive, in `timezone`."""

    first_day: date | None = Field(default=None, alias="from")
    last_day: date | None = Field(default=None, alias="to")
    by: Period | None = None
    split: Literal["department", "category"] | None = Field(
        default=None, description="By the root category of what was sold; both words mean the same."
    )
    timezone: str = Field(default="UTC", max_length=64, description="An IANA name, e.g. Europe/Berlin.")
    currency: Currency | None = None


class SalesRowAnswer(Answer):
    """`period` is the first day of the day, week (Monday) or month."""

    period: date | None
    category: str | None
    currency: str
    orders: int
    units: int
    revenue_minor: int


class SalesAnswer(Fresh):
    """`totals` has one row for each currency: money of different currencies is never added up."""

    timezone: str
    rows: list[SalesRowAnswer]
    totals: list[SalesRowAnswer]
