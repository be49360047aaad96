"""Answers the requests of a call, each from the index it names: products, categories, or what others searched for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from api.domain.scope import Access
from api.http.dependencies import Dependencies
from api.http.read_model_answers import freshness
from api.instantsearch.answers.other_hits import category_hits, query_hits
from api.instantsearch.answers.search_answers import Freshly, answer_of, listed
from api.instantsearch.asked.asked_search import AskedSearch
from api.instantsearch.noted_searches import noted_searches
from api.instantsearch.questions import LONGEST, questions
from api.use_cases.read_models.find_categories import CategoriesAsked, find_categories
from api.use_cases.read_models.search_many import search_many
from sinks.freshness import Freshness
from sinks.search.found_categories import FoundCategories

_UNKNOWN: Final = (None, None)


@dataclass(frozen=True, slots=True)
class AnsweredRequests:
    """One for each request, in order. `as_of`: None where nothing but past queries was asked for."""

    answers: Sequence[dict[str, Any]]
    as_of: str | None


def answered_requests(own: Dependencies, access: Access, asked: Sequence[AskedSearch]) -> AnsweredRequests:
    """Searches for products are noted. Raises `Unavailable`."""
    began = own.now_s()
    products = [one for one in asked if one.view.holds == "products"]
    found = (
        search_many(own.search, access, questions(products), own.search_settings.of, own.customer_groups.of)
        if products
        else ()
    )
    shelves = {n: _shelves(own, access, one) for n, one in enumerate(asked) if one.view.holds == "categories"}
    took_s = own.now_s() - began
    took_ms = max(1, round(took_s * 1000))
    of_products = Freshly(*_said([one.freshness for one in found]), took_ms)
    ids = [uuid4() for _ in products]
    notes = noted_searches(products, found, ids, shop=access.shop, took_s=took_s, at=own.clock(), key=own.counter_key)
    own.search_logs.note(access.shop.id, *notes)
    found_products = zip(found, ids, strict=True)
    answers = []
    for n, one in enumerate(asked):
        match one.view.holds:
            case "products":
                its, id_ = next(found_products)
                answers.append(answer_of(one, its, of_products, id_))
            case "categories":
                freshly = Freshly(*_said([shelves[n].freshness]), took_ms)
                answers.append(listed(one, category_hits(one, shelves[n].hits), shelves[n].total, freshly))
            case "past queries":
                answers.append(_past_queries(own, access, one, took_ms))
    return AnsweredRequests(answers, next((told["as_of"] for told in answers if told.get("as_of")), of_products.as_of))


def _said(fresh: Sequence[Freshness]) -> tuple[str | None, int | None]:
    return freshness(fresh[0])[:2] if fresh else _UNKNOWN


def _shelves(own: Dependencies, access: Access, asked: AskedSearch) -> FoundCategories:
    wanted = CategoriesAsked(text=asked.text[:LONGEST], locale=asked.view.locale, offset=asked.first, size=asked.shown)
    return find_categories(own.search, access, wanted, own.search_settings.of)


def _past_queries(own: Dependencies, access: Access, asked: AskedSearch, took_ms: int) -> dict[str, Any]:
    """Those of the language; none while nobody can say."""
    often = own.often_asked.of(access.shop.id)
    found = often.with_words(asked.text, asked.view.locale or access.shop.default_locale)
    page = found[asked.first : asked.first + asked.shown]
    return listed(asked, query_hits(asked, page), len(found), Freshly(*_UNKNOWN, took_ms))
