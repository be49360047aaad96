"""Search among a shop's pages and posts: published ones only, in a read model of their own."""

from apiflask import APIBlueprint
from flask import Response

from api.http.bodies.page_search import PageHitAnswer, PageSearchAnswer
from api.http.dependencies import dependencies
from api.http.read_model_answers import freshness, respond_with_tag, wait_for_receipts
from api.http.security import access, requires
from api.use_cases.read_models import search_pages as searching
from api.use_cases.read_models.search_pages import PagesSought

page_search = APIBlueprint("page_search", __name__, url_prefix="/v1/search", tag="Search")


@page_search.get("/pages")
@requires("search:read")
@page_search.input(PagesSought, location="query")
@page_search.output(PageSearchAnswer)
def search_pages(query_data: PagesSought) -> Response:
    """Find pages and posts by words"""
    own = dependencies()

    def wait() -> None:
        wait_for_receipts(query_data, "pages", own.pages)

    found = searching.search_pages(own.pages, access(), query_data, wait, own.search_settings.of)
    as_of, lag_ms, state = freshness(found.freshness)
    return respond_with_tag(
        PageSearchAnswer(
            as_of=as_of,
            lag_ms=lag_ms,
            state=state,
            total=found.total,
            match=found.match.value,
            page=query_data.page,
            per_page=query_data.per_page,
            hits=[PageHitAnswer.model_validate(hit) for hit in found.hits],
        )
    )
