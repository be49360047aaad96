"""Puts a query for products to OpenSearch: words, filters and facets as one request, always within one tenant."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from schemas.row_conditions import EVERY_ROW
from sinks.opensearch.row_filter import row_filter
from sinks.search.category_tree import NO_TREE, CategoryTree
from sinks.search.product_facets import aggregations
from sinks.search.product_filters import all_but, filters_of, inside
from sinks.search.product_query import ProductQuery
from sinks.search.search_languages import languages_of
from sinks.search.shown_filter import shown_in
from sinks.search.word_clauses import Match, words_clause

_PRICE: Final = """
def listed = 'listed.' + params.field;
def amounts = doc.containsKey(listed) && doc[listed].size() > 0 ? doc[listed]
  : doc.containsKey(params.field) ? doc[params.field] : null;
if (amounts == null || amounts.size() == 0) return params.missing;
return params.dearest ? amounts.get(amounts.size() - 1) : amounts.get(0);
"""
_TITLE: Final = """
for (def language : params.languages) {
  def key = doc['title_key.' + language];
  if (key.size() > 0) return key.value;
}
return params.missing;
"""
#: Behind every price there can be, in either order.
_NO_PRICE: Final = 2**52
#: Behind every title there can be.
_NO_TITLE: Final = "\U0010ffff"
#: What a hit is shown from.
_SHOWN: Final = [
    "texts", "brand", "category_ids", "prices", "listed", "image_url", "skus", "stock", "variant_count", "version",
]  # fmt: skip


def request(
    query: ProductQuery,
    match: Match = Match.ALL,
    named: Sequence[Sequence[str]] = (),
    tree: CategoryTree = NO_TREE,
) -> dict[str, Any]:
    """The body of the search. The tenant is a filter of every part of it. `named`: for each word of the query, the
    categories with it in their names; what is in a category is what is in any below it in the `tree`.
    """
    filters = filters_of(query, tree)
    always = shown_in(query.tenant_id)
    if query.reached != EVERY_ROW:
        always.append(row_filter(query.reached))
    categories = [{"constant_score": {"filter": inside(tree, ids), "boost": 0.2}} if ids else None for ids in named]
    words = words_clause(query.text, languages_of(query.locales), match, categories)
    return {
        "query": {"bool": {"filter": always, "must": [words]}},
        "post_filter": all_but(filters),
        "aggs": aggregations(query, filters),
        "sort": _ordering(query),
        "track_scores": query.sort == "relevance",
        "track_total_hits": True,
        "from": (query.page - 1) * query.per_page,
        "size": query.per_page,
        "_source": _SHOWN,
    }


def _ordering(query: ProductQuery) -> list[dict[str, Any]]:
    title = {f"title_key.{languages_of(query.locales)[0]}": {"order": "asc", "missing": "_last"}}
    ways: Mapping[str, list[dict[str, Any]]] = {
        "relevance": [{"_score": "desc"}, title],
        "price_asc": [_by_price(query, "asc"), title],
        "price_desc": [_by_price(query, "desc"), title],
        "newest": [{"created_at": "desc"}, title],
        "title": [_by_title(query)],
    }
    return ways[query.sort]


def _by_price(query: ProductQuery, order: Literal["asc", "desc"]) -> dict[str, Any]:
    missing = _NO_PRICE if order == "asc" else -1
    params = {"field": f"prices.{query.currency}", "missing": missing, "dearest": order == "desc"}
    return {"_script": {"type": "number", "script": {"source": _PRICE, "params": params}, "order": order}}


def _by_title(query: ProductQuery) -> dict[str, Any]:
    params = {"languages": list(languages_of(query.locales)), "missing": _NO_TITLE}
    return {"_script": {"type": "string", "script": {"source": _TITLE, "params": params}, "order": "asc"}}
