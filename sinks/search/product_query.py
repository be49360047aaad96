"""Puts a query for products to OpenSearch: words, filters and facets as one request, always within one tenant."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from schemas.article_codes import normal_barcode, written_code
from schemas.row_conditions import EVERY_ROW, RowCondition
from sinks.opensearch.row_filter import row_filter
from sinks.search.category_tree import NO_TREE, CategoryTree
from sinks.search.category_words import CategoryWord
from sinks.search.search_languages import language_of

Sort = Literal["relevance", "price_asc", "price_desc", "newest", "title"]

#: What a price list says about a product, while one does, counts instead of what the product says.
_LISTED: Final = {"exists": {"field": "listed.price_min_minor"}}
_PRICE: Final = """
def listed = doc['listed.' + params.field]; def own = doc[params.field];
return listed.size() > 0 ? listed.value : own.size() > 0 ? own.value : params.missing;
"""
#: Behind every price there can be, in either order.
_NO_PRICE: Final = 2**52


def _by_price(field: str, order: Literal["asc", "desc"]) -> dict[str, Any]:
    missing = _NO_PRICE if order == "asc" else -1
    script = {"source": _PRICE, "params": {"field": field, "missing": missing}}
    return {"_script": {"type": "number", "script": script, "order": order}}


_ORDERINGS: Final[Mapping[Sort, list[dict[str, Any]]]] = {
    "relevance": [{"_score": "desc"}, {"title_key": "asc"}],
    "price_asc": [_by_price("price_min_minor", "asc"), {"title_key": "asc"}],
    "price_desc": [_by_price("price_max_minor", "desc"), {"title_key": "asc"}],
    "newest": [{"created_at": "desc"}, {"title_key": "asc"}],
    "title": [{"title_key": "asc"}],
}
#: What is not counted sells as if there were enough. So does a product of which one variant is not counted; scripts are
#: slow, and this one is asked only of those that seem to be out of stock.
_AN_UNCOUNTED_VARIANT: Final = "doc['stock.variant_id'].size() < doc['variant_count'].value"
_IN_STOCK: Final[dict[str, Any]] = {
    "bool": {
        "should": [
            {"term": {"stock.in_stock": True}},
            {"bool": {"must_not": {"exists": {"field": "stock.variant_id"}}}},
            {
                "bool": {
                    "filter": [
                        {"exists": {"field": "variant_count"}},
                        {"script": {"script": {"source": _AN_UNCOUNTED_VARIANT}}},
                    ],
                    "must_not": {"term": {"stock.in_stock": True}},
                }
            },
        ],
        "minimum_should_match": 1,
    }
}
FACET_SIZE: Final = 50
#: Of categories that products are in together; a shop that has more is counted short.
_MOST_SETS: Final = 10_000
#: OpenSearch goes no deeper than this many hits by page.
DEEPEST_HIT: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductQuery:
    """`locale` chooses the language that is searched and shown. Prices are minor units. Pages count from 1.

    What is not `reached` is neither found nor counted in any facet.
    """

    tenant_id: UUID
    text: str = ""
    locale: str = "en"
    category_id: UUID | None = None
    brands: tuple[str, ...] = ()
    price_min_minor: int | None = None
    price_max_minor: int | None = None
    in_stock: bool | None = None
    sort: Sort = "relevance"
    page: int = 1
    per_page: int = 20
    reached: RowCondition = EVERY_ROW


def request(
    query: ProductQuery, categories: Sequence[CategoryWord] = (), tree: CategoryTree = NO_TREE
) -> dict[str, Any]:
    """The body of the search. The tenant is a filter of every part of it. `categories` are named in the query, and what
    is in a category is what is in any below it in the `tree`.
    """
    language = language_of(query.locale)
    filters = _filters(query, tree)
    all_filters = [clause for clauses in filters.values() for clause in clauses]
    always: list[dict[str, Any]] = [{"term": {"tenant_id": str(query.tenant_id)}}, {"term": {"shown": True}}]
    if query.reached != EVERY_ROW:
        always.append(row_filter(query.reached))
    return {
        "query": {"bool": {"filter": always, "must": [_words(query.text, language, categories, tree)]}},
        "post_filter": {"bool": {"filter": all_filters}},
        "aggs": {
            "categories": _but(filters, "category", {"terms": {"field": "category_set", "size": _MOST_SETS}}),
            "brands": _but(filters, "brand", {"terms": {"field": "brand", "size": FACET_SIZE}}),
            "stock": {
                "filter": _and(filters, without="stock"),
                "aggs": {"in_stock": {"filter": _IN_STOCK}},
            },
            "price": {
                "filter": _and(filters, without="price"),
                "aggs": {
                    "own": {"filter": {"bool": {"must_not": _LISTED}}, "aggs": _ends("")},
                    **_ends("listed."),
                },
            },
        },
        "highlight": {"encoder": "html", "fields": {f"title.{language}": {"number_of_fragments": 0}}},
        "sort": _ORDERINGS[query.sort],
        "track_scores": query.sort == "relevance",
        "track_total_hits": True,
        "from": (query.page - 1) * query.per_page,
        "size": query.per_page,
        "_source": {"excludes": ["title", "subtitle", "description", "brand_text", "words", "options", "attributes"]},
    }


def _ends(of: str) -> dict[str, Any]:
    """The lowest and the highest price of the products' own, or as listed."""
    return {
        "lowest": {"min": {"field": f"{of}price_min_minor"}},
        "highest": {"max": {"field": f"{of}price_max_minor"}},
    }


def _words(text: str, language: str, categories: Sequence[CategoryWord], tree: CategoryTree) -> dict[str, Any]:
    if not text.strip():
        return {"match_all": {}}
    own = _own_words(text, language)
    if not categories:
        return own
    # What has all the words by itself keeps its score, and comes before what has some from its categories.
    return {"dis_max": {"queries": [own, _words_and_categories(categories, language, tree)]}}


def _own_words(text: str, language: str) -> dict[str, Any]:
    """All words somewhere in the product; or in title and brand, give or take a typo; or a code, in any case."""
    code = written_code(text)
    barcodes = dict.fromkeys((code, normal_barcode(code)))
    every_word = {"query": text, "operator": "and", "fields": _fields(language)}
    typos = {"query": text, "operator": "and", "fuzziness": "AUTO", "prefix_length": 1, "boost": 0.5}
    return {
        "bool": {
            "should": [
                {"multi_match": every_word | {"type": "cross_fields", "boost": 2}},
                {"match": {f"words.{language}": typos}},
                {"match_phrase": {f"title.{language}": {"query": text, "boost": 4}}},
                {"term": {"skus": {"value": code, "case_insensitive": True, "boost": 20}}},
                *({"term": {"barcodes": {"value": one, "case_insensitive": True, "boost": 20}}} for one in barcodes),
            ],
            "minimum_should_match": 1,
        }
    }


def _words_and_categories(categories: Sequence[CategoryWord], language: str, tree: CategoryTree) -> dict[str, Any]:
    """Each word somewhere in the product, or in the name of a category that it is in, at any height of the tree."""
    every = []
    for one in categories:
        word: dict[str, Any] = {"query": one.word, "operator": "and", "zero_terms_query": "all"}
        somewhere: list[dict[str, Any]] = [
            {"multi_match": word | {"type": "cross_fields", "fields": _fields(language)}},
        ]
        if one.category_ids:
            inside = _inside(tree, one.category_ids)
            somewhere.append({"constant_score": {"filter": inside, "boost": 0.2}})
        every.append({"dis_max": {"queries": somewhere}})
    return {"bool": {"must": every, "boost": 0.5}}


def _fields(language: str) -> list[str]:
    return [f"title.{language}^4", f"subtitle.{language}^2", f"brand_text.{language}^2", f"description.{language}"]


def _inside(tree: CategoryTree, category_ids: Iterable[str]) -> dict[str, Any]:
    return {"terms": {"category_ids": tree.below(category_ids)}}


def _filters(query: ProductQuery, tree: CategoryTree) -> dict[str, list[dict[str, Any]]]:
    price = {}
    if query.price_max_minor is not None:
        price["price_min_minor"] = {"lte": query.price_max_minor}
    if query.price_min_minor is not None:
        price["price_max_minor"] = {"gte": query.price_min_minor}
    return {
        "category": [_inside(tree, [str(query.category_id)])] if query.category_id else [],
        "brand": [{"terms": {"brand": list(query.brands)}}] if query.brands else [],
        "price": [_in_range(field, bounds) for field, bounds in price.items()],
        "stock": _stock(query.in_stock),
    }


def _in_range(field: str, bounds: Mapping[str, int]) -> dict[str, Any]:
    own = {"bool": {"filter": {"range": {field: bounds}}, "must_not": _LISTED}}
    return {"bool": {"should": [{"range": {f"listed.{field}": bounds}}, own], "minimum_should_match": 1}}


def _stock(wanted: bool | None) -> list[dict[str, Any]]:
    if wanted is None:
        return []
    return [_IN_STOCK if wanted else {"bool": {"must_not": _IN_STOCK}}]


def _and(filters: Mapping[str, list[dict[str, Any]]], without: str) -> dict[str, Any]:
    return {"bool": {"filter": [clause for name, clauses in filters.items() if name != without for clause in clauses]}}


def _but(filters: Mapping[str, list[dict[str, Any]]], without: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"filter": _and(filters, without), "aggs": {"values": values}}
