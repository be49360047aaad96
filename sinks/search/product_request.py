"""Puts a query for products to OpenSearch: words, filters and facets as one request, always within one tenant."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from schemas.row_conditions import EVERY_ROW
from sinks.opensearch.row_filter import row_filter
from sinks.search import counted_values, price_clauses
from sinks.search.best_sellers import NOTHING_SOLD
from sinks.search.category_tree import NO_TREE, CategoryTree
from sinks.search.meant_words import BEST
from sinks.search.merchandising import NOTHING_SAID, Merchandising, of_target
from sinks.search.pinned_pages import window
from sinks.search.product_facets import aggregations
from sinks.search.product_filters import all_but, filters_of, inside
from sinks.search.product_query import ProductQuery
from sinks.search.query_words import own_words_of
from sinks.search.ranking_signals import with_signals
from sinks.search.search_languages import languages_of
from sinks.search.shown_filter import shown_in
from sinks.search.word_clauses import Match, words_clause

_TITLE: Final = """
for (def language : params.languages) {
  def key = doc['title_key.' + language];
  if (key.size() > 0) return key.value;
}
return params.missing;
"""
#: Behind every title there can be.
_NO_TITLE: Final = "\U0010ffff"
_SHOWN: Final = (
    "texts", "brand", "tags", "category_ids", "image_url", "skus", "stock", "variant_count", "units",
    "version",
)  # fmt: skip


def request(
    query: ProductQuery,
    match: Match = Match.ALL,
    named: Sequence[Sequence[str]] = (),
    tree: CategoryTree = NO_TREE,
    said: Merchandising = NOTHING_SAID,
) -> dict[str, Any]:
    """The body of the search. The tenant is a filter of every part of it. `named`: for each word of the query, the
    categories with it in their names; what is in a category is what is in any below it in the `tree`. `said`: what the
    shop's rules come to. What is pinned is counted, and is none of the hits.
    """
    filters = filters_of(query, tree)
    categories = category_clauses(named, tree)
    words = words_clause(query.text, languages_of(query.locales), match, categories, own_words_of(query))
    aggs = aggregations(query, filters) | counted_values.aggregations(query, filters)
    chosen = all_but(filters)
    wanted = ranked(query, words, tree, said)
    if said.pins:
        pinned = {"ids": {"values": [str(pin.product_id) for pin in said.pins]}}
        wanted = {"bool": {"should": [wanted, {"constant_score": {"filter": pinned}}], "minimum_should_match": 1}}
        chosen["bool"]["must_not"] = [pinned]
        aggs["found"] = {"filter": words}
    if match is Match.LOOSE and query.text.strip():
        aggs["found"] = {"filter": words, "aggs": BEST}
    part = window(query.first, query.per_page, len(said.pins))
    return {
        "query": {"bool": {**reachable(query, tree, said), "must": [wanted]}},
        "post_filter": chosen,
        "aggs": aggs,
        "sort": _ordering(query),
        "track_scores": query.sort == "relevance",
        "track_total_hits": True,
        "from": part.first,
        "size": part.size,
        "_source": shown_of(query),
    }


def category_clauses(named: Sequence[Sequence[str]], tree: CategoryTree) -> list[dict[str, Any] | None]:
    """For each word of the query, that a product is in one of the categories with it in their names."""
    return [{"constant_score": {"filter": inside(tree, ids), "boost": 0.2}} if ids else None for ids in named]


def request_pinned(query: ProductQuery, tree: CategoryTree, said: Merchandising) -> dict[str, Any]:
    """The body of a search for those pinned products that a visitor may see, and that are in what they chose."""
    pinned = {"ids": {"values": [str(pin.product_id) for pin in said.pins]}}
    found = {"bool": {**reachable(query, tree, said), "must": [pinned, all_but(filters_of(query, tree))]}}
    return {"query": {"constant_score": {"filter": found}}, "size": len(said.pins), "_source": shown_of(query)}


def shown_of(query: ProductQuery) -> list[str]:
    """What of a document a hit is shown from."""
    return [*_SHOWN, *price_clauses.shown_of(query)]


def reachable(query: ProductQuery, tree: CategoryTree, said: Merchandising) -> dict[str, Any]:
    """What of a bool clause keeps to the shop, to what is shown in it, to whoever asks, and to its rules."""
    always = shown_in(query.tenant_id)
    if query.reached != EVERY_ROW:
        always.append(row_filter(query.reached))
    hidden = [of_target(one, tree) for one in said.hidden]
    return {"filter": always, "must_not": hidden} if hidden else {"filter": always}


def ranked(query: ProductQuery, words: dict[str, Any], tree: CategoryTree, said: Merchandising) -> dict[str, Any]:
    """By words, signals and rules; a chosen order needs none of it."""
    if query.sort != "relevance":
        return words
    # Each worker learns by itself what sells best, and a walk goes through all of them: it leaves that out.
    sold = query.settings.sold if query.now is None else lambda: NOTHING_SOLD
    signalled = with_signals(words, query.settings.weights, query.now, sold)
    if not said.weighed:
        return signalled
    functions = [{"filter": of_target(one, tree), "weight": one.percent / 100} for one in said.weighed]
    return {
        "function_score": {
            "query": signalled,
            "functions": functions,
            "score_mode": "multiply",
            "boost_mode": "multiply",
        }
    }


def _ordering(query: ProductQuery) -> list[dict[str, Any]]:
    title = _by_title_in(languages_of(query.locales)[0])
    ways: Mapping[str, list[dict[str, Any]]] = {
        "relevance": [{"_score": "desc"}, title],
        "price_asc": [price_clauses.sorted_by(query, "asc"), title],
        "price_desc": [price_clauses.sorted_by(query, "desc"), title],
        "newest": [{"created_at": "desc"}, title],
        "title": [_by_title(query)],
    }
    return ways[query.sort]


def _by_title(query: ProductQuery) -> dict[str, Any]:
    """Of several languages a script takes the first that a product has: that is slow, and not needed for one."""
    languages = languages_of(query.locales)
    if len(languages) == 1:
        return _by_title_in(languages[0])
    params = {"languages": list(languages), "missing": _NO_TITLE}
    return {"_script": {"type": "string", "script": {"source": _TITLE, "params": params}, "order": "asc"}}


def _by_title_in(language: str) -> dict[str, Any]:
    return {f"title_key.{language}": {"order": "asc", "missing": "_last"}}
