"""Search: what a storefront lives on. Answered by the search read model, active products only."""

from apiflask import APIBlueprint
from flask import Response

from api.http.bodies.read_models import (
    FacetsAnswer,
    HitAnswer,
    SearchAnswer,
    SuggestedCategoryAnswer,
    SuggestionsAnswer,
)
from api.http.dependencies import dependencies
from api.http.read_model_answers import freshness, respond, wait_for_receipts
from api.http.security import access, requires
from api.use_cases.read_models import search_products as searching
from api.use_cases.read_models import suggest_while_typing as suggesting
from api.use_cases.read_models.search_products import ProductsSought
from api.use_cases.read_models.suggest_while_typing import SuggestionsSought

search = APIBlueprint("search", __name__, url_prefix="/v1/search", tag="Search")


@search.get("/products")
@requires("search:read")
@search.input(ProductsSought, location="query")
@search.output(SearchAnswer)
def search_products(query_data: ProductsSought) -> Response:
    """Find products by words and by what they are"""
    model = dependencies().search
    found = searching.search_products(
        model, access(), query_data, lambda: wait_for_receipts(query_data, "search", model)
    )
    as_of, lag_ms, state = freshness(found.freshness)
    return respond(
        SearchAnswer(
            as_of=as_of,
            lag_ms=lag_ms,
            state=state,
            total=found.total,
            match=found.match.value,
            page=query_data.page,
            per_page=query_data.per_page,
            hits=[HitAnswer.model_validate(hit) for hit in found.hits],
            facets=FacetsAnswer.model_validate(found.facets),
        )
    )


@search.get("/suggestions")
@requires("search:read")
@search.input(SuggestionsSought, location="query")
@search.output(SuggestionsAnswer)
def suggest_while_typing(query_data: SuggestionsSought) -> Response:
    """What a search may be about while it is typed"""
    model = dependencies().search
    found = suggesting.suggest_while_typing(
        model, access(), query_data, lambda: wait_for_receipts(query_data, "search", model)
    )
    as_of, lag_ms, state = freshness(found.freshness)
    return respond(
        SuggestionsAnswer(
            as_of=as_of,
            lag_ms=lag_ms,
            state=state,
            products=[HitAnswer.model_validate(hit) for hit in found.products],
            categories=[SuggestedCategoryAnswer.model_validate(one) for one in found.categories],
        )
    )
