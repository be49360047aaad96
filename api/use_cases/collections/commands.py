"""What people ask of collections and command."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field, StrictInt

from api.domain.collection_rules import MOST_CONDITIONS, MOST_DAYS, MOST_VALUES
from api.domain.collections import MOST_MEMBERS
from api.store.collections import LIST
from api.use_cases.fields import (
    Currency,
    ExternalId,
    Handle,
    Input,
    Locale,
    LongText,
    Minor,
    Moment,
    Name,
    Position,
)
from api.use_cases.pages import MOST_ON_A_PAGE, PageAsked, Several
from api.use_cases.prices.commands import PricesWanted

Status = Literal["draft", "active"]
Sort = Literal["position", "newest", "oldest", "price_asc", "price_desc", "title"]
Some = Annotated[list[UUID], Field(min_length=1, max_length=MOST_MEMBERS)]


class CollectionTextBody(Input):
    locale: Locale
    title: Name
    handle: Handle | None = Field(
        default=None, description="Made once when it is missing: the title, and 8 characters."
    )
    description: LongText | None = None
    seo_title: Name | None = None
    seo_description: Name | None = None


class RuleConditionBody(Input):
    """`tag`, `brand`, `category` and `status` are one of `values` (a category with all below it: its id, in an import
    its external id). `price` is of a variant in a `currency`, from `least_minor` to `most_minor`. `created` is
    `since_at`, or `within_days` of now. `in_stock` says nothing more.
    """

    field: Literal["tag", "brand", "category", "status", "price", "created", "in_stock"]
    values: list[Name] = Field(default=[], max_length=MOST_VALUES)
    currency: Currency | None = None
    least_minor: Minor | None = None
    most_minor: Minor | None = None
    since_at: Moment | None = None
    within_days: Annotated[StrictInt, Field(ge=1, le=MOST_DAYS)] | None = None


class RuleBody(Input):
    match: Literal["all", "any"] = "all"
    conditions: list[RuleConditionBody] = Field(min_length=1, max_length=MOST_CONDITIONS)


class NewCollection(Input):
    """With a `rule`, or with products chosen."""

    external_id: ExternalId | None = None
    translations: list[CollectionTextBody] = Field(min_length=1, max_length=50)
    rule: RuleBody | None = None
    product_ids: list[UUID] = Field(default=[], max_length=MOST_MEMBERS, description="In the order they are shown.")


class CollectionChange(Input):
    """What is missing stays as it is; a list replaces the whole list."""

    translations: list[CollectionTextBody] | None = Field(default=None, min_length=1, max_length=50)
    rule: RuleBody | None = None
    product_ids: list[UUID] | None = Field(default=None, max_length=MOST_MEMBERS)


class ProductsPutIn(Input):
    product_ids: Some
    position: Position | None = Field(default=None, description="From 0; behind all others when it is missing.")


class ProductsTakenOut(Input):
    product_ids: Some


class ProductsMoved(Input):
    product_ids: Some
    position: Position = Field(description="Among the others, from 0.")


class ImportedCollection(Input):
    """`products` are external ids of products that are there, and categories of a rule are named by theirs."""

    external_id: ExternalId
    status: Status = "active"
    translations: list[CollectionTextBody] = Field(min_length=1, max_length=50)
    rule: RuleBody | None = None
    products: list[ExternalId] = Field(default=[], max_length=MOST_MEMBERS)


class CollectionsExported(Input):
    """`import`: as an import takes it, products and categories by their external ids, or else their own."""

    form: Literal["answer", "import"] = "answer"


class CollectionsAsked(PageAsked):
    TABLE: ClassVar = LIST

    sort: Literal["oldest", "newest", "updated_asc", "updated_desc"] = "oldest"
    status: Several[Status] | None = Field(default=None, description="Any of these.")
    by_rule: bool | None = Field(default=None, description="Only those with a rule, or only those of products chosen.")
    updated_since: Moment | None = Field(default=None, description="At this time or later.")


class CollectionAddress(Input):
    locale: Locale | None = Field(
        default=None, description="`de-AT` is answered in `de-AT`, else in `de`, else in the shop's own language."
    )


class ProductsInAsked(PricesWanted):
    """A page of the products of a collection, with the prices that apply now where any of them is asked for."""

    sort: Sort | None = Field(
        default=None,
        description="`position` when it is missing, of a collection with a rule `newest`. Prices are the products' own "
        "ones in `currency`.",
    )
    currency: Currency | None = Field(
        default=None, description="Of `price`, and of the prices sorted by; the shop's own when it is missing."
    )
    limit: int = Field(default=50, ge=1, le=MOST_ON_A_PAGE)
    cursor: str | None = Field(default=None, max_length=2000, description="`next_cursor` of the page before.")
    locale: Locale | None = Field(default=None, description="Whose titles are sorted by.")
