"""Pages through all products that a search finds, however many, as they were when the first page was asked."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import ConfigDict, Field

from api.domain.errors import Invalid, Refused
from api.domain.scope import Access
from api.use_cases import page_cursors
from api.use_cases.read_models.question import NO_FLAG, Grouped, Search, Settled, Wait
from api.use_cases.read_models.search_cursors import LONGEST, SearchCursors
from api.use_cases.read_models.search_products import MOST_ON_A_PAGE, ProductsSought, asked_query
from sinks.opensearch.point_holders import Holder
from sinks.opensearch.points_in_time import PointLost, PointsTaken
from sinks.search.found_products import FoundPage
from sinks.search.product_pages import QuestionChanged

MOST_BY_CURSOR: Final = 1000
#: What is asked for the first page.
BEGIN: Final = "*"
#: From the first page on: what is removed meanwhile takes up disk until then.
LONGEST_WALK: Final = timedelta(hours=1)
#: What says how a page is shown, not what is found.
_NO_QUESTION: Final = frozenset({"cursor", "per_page", "page", "facets", "facet_size", "session", "wait"})


class TooManyCursors(Refused):
    """There is no place for another one. Those that are read to their end leave theirs at once."""

    code = "too_many_cursors"
    retry_after_s = 5


class ProductsPaged(ProductsSought):
    """By `page`, or by cursor to the end."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"q": "bread", "brand": ["Rye & Sons"], "price_max": 900, "facets": ["tag"]},
                {"sort": "newest", "cursor": BEGIN, "per_page": 500},
            ]
        }
    )

    cursor: str | None = Field(
        default=None,
        max_length=LONGEST,
        description="`*` for the first page of all; then `next_cursor` of the page before, for the same question.",
    )
    per_page: Annotated[int, Field(ge=1, le=MOST_BY_CURSOR), NO_FLAG] = Field(
        default=20, description=f"At most {MOST_ON_A_PAGE}, and {MOST_BY_CURSOR} by `cursor`."
    )

    @property
    def most_on_a_page(self) -> int:
        return MOST_ON_A_PAGE if self.cursor is None else MOST_BY_CURSOR


def page_through_products(
    search: Search,
    access: Access,
    asked: ProductsPaged,
    until_visible: Wait,
    settings: Settled,
    groups: Grouped,
    *,
    cursors: SearchCursors,
    who: str,
    now: datetime,
) -> tuple[FoundPage, str | None]:
    """A page, and the cursor of the next. `who` reads, of those that ask in the shop.

    Raises `Invalid`, `TooManyCursors`, `Unavailable`, and as the wait.
    """
    if "page" in asked.model_fields_set:
        raise Invalid.field("page", "with_cursor", "A cursor says which page is meant: leave `page` out.")
    shop, holder = access.shop.id, Holder(access.shop.id, who)
    question = page_cursors.question(asked.model_dump(mode="json", exclude=set(_NO_QUESTION)))
    place = None if asked.cursor in (None, BEGIN) else cursors.read(shop, question, str(asked.cursor))
    if place is not None and now - place.walk.opened_at > LONGEST_WALK:
        raise _lost()
    query = replace(asked_query(access, asked, until_visible, settings, groups), now=now)
    try:
        page = search.first_page(query, holder) if place is None else search.next_page(query, place, holder)
    except PointLost:
        raise _lost() from None
    except QuestionChanged:
        raise Invalid.field(
            "cursor",
            "changed",
            "What the shop says of its search, its categories, or what you may see is not what it was: begin anew.",
        ) from None
    except PointsTaken:
        raise TooManyCursors("So many cursors are open that there is no place for another. Ask again.") from None
    return page, None if page.next is None else cursors.written(shop, question, page.next)


def _lost() -> Invalid:
    return Invalid.field(
        "cursor",
        "ended",
        "It was read to its end, or its next page was not asked for in time: begin anew.",
    )
