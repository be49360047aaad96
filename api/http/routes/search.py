"""Search: what a storefront lives on. Answered by the search read model, active products only."""

from typing import TypeVar
from uuid import UUID, uuid4

from apiflask import APIBlueprint
from flask import Response

from api.http.bodies.explained_search import ExplainedHitAnswer, ExplainedSearchAnswer, ReadQueryAnswer
from api.http.bodies.read_models import (
    AppliedRuleAnswer,
    BoughtTogetherAnswer,
    DidYouMeanAnswer,
    FacetsAnswer,
    FacetValueAnswer,
    FacetValuesAnswer,
    HitAnswer,
    RedirectedAnswer,
    RelatedHitAnswer,
    RelatedProductsAnswer,
    SearchAnswer,
    SuggestedCategoryAnswer,
    SuggestedPageAnswer,
    SuggestionsAnswer,
    ToldAnswer,
)
from api.http.dependencies import dependencies
from api.http.limits.limit_requests import who
from api.http.read_model_answers import freshness, respond, respond_with_tag, wait_for_receipts
from api.http.security import access, requires
from api.use_cases.read_models import find_facet_values as finding_values
from api.use_cases.read_models import related_products as relating
from api.use_cases.read_models import search_products as searching
from api.use_cases.read_models import suggest_while_typing as suggesting
from api.use_cases.read_models.find_facet_values import FacetValuesSought
from api.use_cases.read_models.logged_searches import OWN_CHANNEL, hashed_session, logged_search
from api.use_cases.read_models.page_through_products import ProductsPaged, page_through_products
from api.use_cases.read_models.question import Asked, Grouped, Settled, Wait
from api.use_cases.read_models.related_products import RelatedAsked
from api.use_cases.read_models.search_pages import suggest_pages
from api.use_cases.read_models.search_products import ProductsSought
from api.use_cases.read_models.suggest_while_typing import SuggestionsSought
from api.use_cases.read_models.tell_search_actions import ToldActions, logged_actions
from sinks.search.found_products import FoundProducts

Question = TypeVar("Question", bound=Asked)
search = APIBlueprint("search", __name__, url_prefix="/v1/search", tag="Search")


@search.get("/products")
@requires("search:read")
@search.input(ProductsPaged, location="query")
@search.output(SearchAnswer)
def search_products(query_data: ProductsPaged) -> Response:
    """Find products by words and by what they are"""
    if query_data.cursor is not None:
        return respond(_paged(query_data))
    return respond_with_tag(_searched(query_data))


@search.post("/products")
@requires("search:read")
@search.input(ProductsPaged)
@search.output(SearchAnswer)
def search_products_by_body(json_data: ProductsPaged) -> Response:
    """The same, asked in a body: for what is too long for an address, or is to be in no log"""
    return respond(_searched(json_data) if json_data.cursor is None else _paged(json_data))


@search.post("/explain")
@requires("search:explain")
@search.input(ProductsSought)
@search.output(ExplainedSearchAnswer)
def explain_search(json_data: ProductsSought) -> Response:
    """The same search, and why each hit is where it is"""
    explained = searching.explain_products(dependencies().search, access(), *_asked(json_data))
    found = explained.found
    as_of, lag_ms, state = freshness(found.freshness)
    return respond(
        ExplainedSearchAnswer(
            as_of=as_of,
            lag_ms=lag_ms,
            state=state,
            total=found.total,
            match=found.match.value,
            sort=json_data.sort,
            read=[ReadQueryAnswer.model_validate(one) for one in explained.read],
            redirect=None if found.redirect is None else RedirectedAnswer(url=found.redirect),
            applied_rules=_rules_told(found),
            page=json_data.page,
            per_page=json_data.per_page,
            hits=[ExplainedHitAnswer.of(hit, explained.why.get(hit.id)) for hit in found.hits],
        )
    )


@search.get("/facet-values")
@requires("search:read")
@search.input(FacetValuesSought, location="query")
@search.output(FacetValuesAnswer)
def find_facet_values(query_data: FacetValuesSought) -> Response:
    """Values of a facet by what is typed of them, with their counts"""
    found = finding_values.find_facet_values(dependencies().search, access(), *_asked(query_data))
    as_of, lag_ms, state = freshness(found.freshness)
    values = [FacetValueAnswer.model_validate(one) for one in found.values]
    return respond(FacetValuesAnswer(as_of=as_of, lag_ms=lag_ms, state=state, values=values, complete=found.complete))


@search.get("/suggestions")
@requires("search:read")
@search.input(SuggestionsSought, location="query")
@search.output(SuggestionsAnswer)
def suggest_while_typing(query_data: SuggestionsSought) -> Response:
    """What a search may be about while it is typed"""
    shop = access().shop
    often, locale = dependencies().often_asked.of(shop.id), query_data.locale or shop.default_locale
    found = suggesting.suggest_while_typing(dependencies().search, access(), *_asked(query_data))
    pages = suggest_pages(dependencies().pages, access(), query_data, dependencies().search_settings.of)
    as_of, lag_ms, state = freshness(found.freshness)
    return respond(
        SuggestionsAnswer(
            as_of=as_of,
            lag_ms=lag_ms,
            state=state,
            products=[HitAnswer.model_validate(hit) for hit in found.products],
            categories=[SuggestedCategoryAnswer.model_validate(one) for one in found.categories],
            pages=[SuggestedPageAnswer.model_validate(one) for one in pages],
            queries=list(often.beginning(query_data.q, locale, query_data.size)),
        )
    )


@search.post("/events")
@requires("search:read")
@search.input(ToldActions)
@search.output(ToldAnswer, status_code=202)
def tell_search_actions(json_data: ToldActions) -> tuple[ToldAnswer, int]:
    """Tell what was clicked, seen or bought of what a search found"""
    own, shop = dependencies(), access().shop
    noted = logged_actions(json_data, shop.currency, own.clock())
    own.search_logs.note(shop.id, *noted)
    return ToldAnswer(noted=len(noted)), 202


@search.get("/products/<uuid:product_id>/related")
@requires("search:read")
@search.input(RelatedAsked, location="query")
@search.output(RelatedProductsAnswer)
def list_related_products(product_id: UUID, query_data: RelatedAsked) -> Response:
    """What else somebody may like who looks at a product"""
    found = relating.related_products(dependencies().search, access(), product_id, *_asked(query_data))
    as_of, lag_ms, state = freshness(found.freshness)
    hits = [RelatedHitAnswer.of(one) for one in found.products]
    itself = HitAnswer.model_validate(found.itself)
    return respond(RelatedProductsAnswer(as_of=as_of, lag_ms=lag_ms, state=state, product=itself, hits=hits))


@search.get("/products/<uuid:product_id>/bought-together")
@requires("search:read")
@search.input(RelatedAsked, location="query")
@search.output(BoughtTogetherAnswer)
def list_bought_together(product_id: UUID, query_data: RelatedAsked) -> Response:
    """What is bought with a product"""
    made = dependencies()
    found = relating.bought_together(made.search, made.sales, access(), product_id, *_asked(query_data))
    as_of, lag_ms, state = freshness(found.freshness)
    hits = [HitAnswer.model_validate(hit) for hit in found.hits]
    return respond(BoughtTogetherAnswer(as_of=as_of, lag_ms=lag_ms, state=state, hits=hits))


def _searched(asked: ProductsSought) -> SearchAnswer:
    began_s = dependencies().now_s()
    found = searching.search_products(dependencies().search, access(), *_asked(asked))
    return found_products(found, asked.page, asked.per_page, _noted(asked, found, began_s))


def _paged(asked: ProductsPaged) -> SearchAnswer:
    """All pages are one search: noted once, and named alike."""
    own = dependencies()
    began_s = own.now_s()
    page, next_cursor = page_through_products(
        own.search, access(), *_asked(asked), cursors=own.search_cursors, who=who(), now=own.clock()
    )
    if page.number == 1:
        _noted(asked, page.found, began_s, page.walk.id)
    answer = found_products(page.found, page.number, asked.per_page, page.walk.id)
    return answer.model_copy(update={"next_cursor": next_cursor})


def _asked(asked: Question) -> tuple[Question, Wait, Settled, Grouped]:
    """What every question to the search is asked with."""
    own = dependencies()
    return (
        asked,
        lambda: wait_for_receipts(asked, "search", own.search),
        own.search_settings.of,
        own.customer_groups.of,
    )


def _noted(asked: ProductsSought, found: FoundProducts, began_s: float, named: UUID | None = None) -> UUID:
    """The name of the answer, by which clicks are told."""
    own, shop, at = dependencies(), access().shop, dependencies().clock()
    query_id = named or uuid4()
    note = logged_search(
        found,
        query_id=query_id,
        text=asked.q,
        locale=asked.locale or shop.default_locale,
        took_s=own.now_s() - began_s,
        page=asked.page,
        sort=asked.sort,
        filters=asked.narrowed_by,
        channel=OWN_CHANNEL,
        counts_clicks=False,
        session=hashed_session(own.counter_key, shop.id, asked.session, at),
        at=at,
    )
    if note is not None:
        own.search_logs.note(shop.id, note)
    return query_id


def found_products(found: FoundProducts, page: int, per_page: int, query_id: UUID | None = None) -> SearchAnswer:
    as_of, lag_ms, state = freshness(found.freshness)
    return SearchAnswer(
        as_of=as_of,
        lag_ms=lag_ms,
        state=state,
        query_id=query_id,
        total=found.total,
        match=found.match.value,
        did_you_mean=None if found.did_you_mean is None else DidYouMeanAnswer.model_validate(found.did_you_mean),
        redirect=None if found.redirect is None else RedirectedAnswer(url=found.redirect),
        applied_rules=_rules_told(found),
        page=page,
        per_page=per_page,
        next_cursor=None,
        hits=[HitAnswer.model_validate(hit) for hit in found.hits],
        facets=FacetsAnswer.model_validate(found.facets),
    )


def _rules_told(found: FoundProducts) -> list[AppliedRuleAnswer]:
    """What a shop calls its rules, and that it has any, is for those who may read them among its settings."""
    if not access().actor.reaches_all("search_settings:read"):
        return []
    return [AppliedRuleAnswer.of(one) for one in found.applied]
