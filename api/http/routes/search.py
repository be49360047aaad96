"""Search: what a storefront lives on. Answered by the search read model, active products only."""

from apiflask import APIBlueprint
from flask import Response

from api.domain.errors import Invalid
from api.http.bodies.search import FacetsAnswer, HitAnswer, ProductsSought, SearchAnswer
from api.http.dependencies import dependencies
from api.http.read_model_answers import freshness, respond, until_visible
from api.http.security import requires, tenant
from sinks.search.product_query import DEEPEST_HIT, ProductQuery

search = APIBlueprint("search", __name__, url_prefix="/v1/search", tag="Search")


@search.get("/products")
@requires("products:list")
@search.input(ProductsSought, location="query")
@search.output(SearchAnswer)
def search_products(query_data: ProductsSought) -> Response:
    """Find products by words, category, brand and price"""
    if query_data.page * query_data.per_page > DEEPEST_HIT:
        raise Invalid.field("page", "too_deep", f"Only the first {DEEPEST_HIT} hits can be paged through.")
    until_visible(query_data, "search", dependencies().search)
    shop = tenant()
    found = dependencies().search.search(
        ProductQuery(
            tenant_id=shop.id,
            text=query_data.q,
            locale=query_data.locale or shop.default_locale,
            category_id=query_data.category,
            brands=tuple(query_data.brand),
            price_min_minor=query_data.price_min,
            price_max_minor=query_data.price_max,
            sort=query_data.sort,
            page=query_data.page,
            per_page=query_data.per_page,
        )
    )
    as_of, lag_ms, state = freshness(found.freshness)
    return respond(
        SearchAnswer(
            as_of=as_of,
            lag_ms=lag_ms,
            state=state,
            total=found.total,
            page=query_data.page,
            per_page=query_data.per_page,
            hits=[HitAnswer.model_validate(hit) for hit in found.hits],
            facets=FacetsAnswer.model_validate(found.facets),
        )
    )
