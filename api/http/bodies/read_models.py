"""Answers from read models in JSON."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, PlainSerializer

from api.http.bodies.fields import AnswerBody
from sinks.freshness import State
from sinks.search.merchandising import AppliedRule, Effect
from sinks.search.product_query import Facet
from sinks.search.related_products import Because, RelatedProduct


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
    units: list[str] = Field(description="That its variants are sold by, each once: a price is that of one of it.")
    in_stock: bool = Field(description="A variant can be ordered: it is in stock somewhere, or is not counted.")
    locale: str
    highlight: str | None
    snippet: str | None
    score: float | None
    version: int
    pinned: bool = Field(description="A rule of the shop put it where it is.")


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


#: Without an exponent, as numbers are said of products.
WrittenOut = Annotated[Decimal, PlainSerializer(lambda number: format(number, "f"), return_type=str)]


class NumberRangeAnswer(AnswerBody):
    min: WrittenOut
    max: WrittenOut


class NamedFacetAnswer(AnswerBody):
    """Of one option or attribute. `label` is what to show for its name; `range` is of its numbers."""

    name: str
    label: str
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


class RedirectedAnswer(AnswerBody):
    """Where the shop leads who searches for this."""

    url: str


class AppliedRuleAnswer(AnswerBody):
    """A rule of the shop that holds for this search."""

    id: UUID
    name: str | None
    effects: list[Effect]
    ignored: list[Effect] = Field(description="What it says besides: a chosen order leaves no place for it.")

    @classmethod
    def of(cls, applied: AppliedRule) -> Self:
        setting = applied.setting
        return cls(id=setting.id, name=setting.name, effects=list(applied.effects), ignored=list(applied.ignored))


class DidYouMeanAnswer(AnswerBody):
    """Asked for, it finds something with every word. `highlight` is HTML, with what is different in `<em>`."""

    q: str
    highlight: str


class SearchAnswer(Fresh):
    query_id: UUID | None = Field(description="The name of this answer, to tell what was clicked; none for a preview.")
    total: int
    match: Literal["all", "loose", "some"] = Field(
        description="`all`: the hits have every word. `loose`: nothing has, and these have every word give or take a"
        " typo, or as the beginning or a part of one. `some`: nothing has even that, and these have half of the words."
    )
    did_you_mean: DidYouMeanAnswer | None = Field(
        description="Where `match` is `loose`: the query in words of the shop's products, if they are near."
    )
    redirect: RedirectedAnswer | None
    applied_rules: list[AppliedRuleAnswer] = Field(description="To those who may read search settings; else empty.")
    page: int
    per_page: int
    next_cursor: str | None = Field(
        description="Of the next page, where pages are asked for by `cursor` and one is left."
    )
    hits: list[HitAnswer]
    facets: FacetsAnswer


class FacetValueAnswer(BucketAnswer):
    highlight: str = Field(description="The label with what was typed in `<em>`, HTML-escaped.")


class FacetValuesAnswer(Fresh):
    """The most frequent first."""

    values: list[FacetValueAnswer]
    complete: bool = Field(description="All values were looked through; else the 5000 most frequent.")


class ToldAnswer(AnswerBody):
    noted: int = Field(description="How many were taken; they are counted a few seconds later.")


class SuggestedCategoryAnswer(AnswerBody):
    id: UUID
    name: str
    locale: str
    highlight: str | None


class SuggestedPageAnswer(AnswerBody):
    id: UUID
    kind: str
    title: str
    handle: str
    locale: str
    highlight: str | None


class SuggestionsAnswer(Fresh):
    """The best first. `highlight` has what was typed in `<em>`, HTML-escaped."""

    products: list[HitAnswer]
    categories: list[SuggestedCategoryAnswer]
    pages: list[SuggestedPageAnswer] = Field(description="Pages and posts; none also while they are not searched.")
    queries: list[str] = Field(description="What others searched for often that begins so, and found something.")


class RelatedHitAnswer(HitAnswer):
    because: Because = Field(description="`chosen`: the shop says so. `alike`: of its categories, or called like it.")

    @classmethod
    def of(cls, related: RelatedProduct) -> Self:
        return cls(**HitAnswer.model_validate(related.hit).model_dump(), because=related.because)


class RelatedProductsAnswer(Fresh):
    """What the shop chose comes first, in its order; then what is most like the `product`."""

    product: HitAnswer
    hits: list[RelatedHitAnswer]


class BoughtTogetherAnswer(Fresh):
    """What belongs to it most is first. As old as the older of search and sales."""

    hits: list[HitAnswer]


class SalesRowAnswer(AnswerBody):
    """`period` is the first day of the day, week (Monday) or month.

    What was sold counts where it was ordered, what was taken back where that was done.
    """

    period: date | None
    category: str | None
    currency: str
    orders: int
    units: int = Field(description="Pieces; what is measured, by weight or volume, is not added to them.")
    revenue_minor: int = Field(description="Gross: what was sold, whatever of it was taken back later.")
    reversed_units: int = Field(description="Pieces that came back, or did not leave any more.")
    reversed_minor: int = Field(description="What refunds took of revenue: without tax, shipping and goodwill.")
    net_revenue_minor: int = Field(description="`revenue_minor` − `reversed_minor`.")
    refunded_minor: int = Field(description="All the money that went back, with tax, shipping and goodwill.")


class SalesAnswer(Fresh):
    """`totals` has one row for each currency: money of different currencies is never added up."""

    timezone: str
    rows: list[SalesRowAnswer]
    totals: list[SalesRowAnswer]


class SearchRowAnswer(AnswerBody):
    """What is of clicks is `null` where nobody tells of any, and 0 where somebody tells and nobody clicked."""

    searches: int
    without_hits: int = Field(description="Of them, those that found nothing.")
    hits_mean: float
    took_ms_median: int
    took_ms_p95: int
    tracked: int = Field(description="Of them, those of which clicks are told; what follows is of these.")
    clicked: int | None = Field(description="Searches with a click.")
    click_through: float | None = Field(description="`clicked` of `tracked`.")
    click_position_mean: float | None
    click_position_median: float | None
    converted: int | None = Field(description="Searches with a conversion.")
    conversion: float | None = Field(description="`converted` of `tracked`.")


class QueryRowAnswer(SearchRowAnswer):
    query: str


class SearchesAnswer(Fresh):
    """`total` is `null` when nobody searched. The lists: most often asked; most often without hits; slowest."""

    timezone: str
    total: SearchRowAnswer | None
    top: list[QueryRowAnswer]
    without_hits: list[QueryRowAnswer]
    slow: list[QueryRowAnswer]


class SqlColumnAnswer(AnswerBody):
    name: str
    type: str = Field(description="DuckDB's name of it.")


class SqlAnswerBody(Fresh):
    """Whole numbers are numbers, but for those of 128 bits beyond 2^53: these are strings, like decimals, UUIDs and
    moments.
    """

    snapshot: str
    columns: list[SqlColumnAnswer]
    rows: list[list[Any]]
    truncated: bool = Field(description="There are more rows than are answered.")
