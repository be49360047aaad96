"""Lists the parameters of a search that are understood, those that change nothing here, and how each is read.

What would change which products are found is never without effect: it is understood, or refused with a sentence.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import orjson

from api.instantsearch.refusals import NotAsked

#: Known to the clients, and without a meaning in this search.
WITHOUT_EFFECT: Final = frozenset(
    {
        "advancedSyntaxFeatures", "allowTyposOnNumericTokens", "alternativesAsExact",
        "analyticsTags", "attributeCriteriaComputedByMinProximity", "attributesForFaceting", "cacheable",
        "decompoundQuery", "disableExactOnAttributes", "disableTypoToleranceOnAttributes", "distinct", "enableABTest",
        "enablePersonalization", "enableReRanking", "exactOnSingleWordQuery", "explain",
        "extensions", "facetingAfterDistinct", "getRankingInfo", "ignorePlurals", "keepDiacriticsOnCharacters",
        "minProximity", "minWordSizefor1Typo", "minWordSizefor2Typos", "optionalFilters",
        "percentileComputation", "personalizationImpact", "queryType", "relevancyStrictness",
        "removeStopWords", "removeWordsIfNoResults", "replaceSynonymsInHighlight", "responseFields",
        "restrictHighlightAndSnippetArrays", "ruleContexts",
        "sortFacetHits", "sumOrFiltersScores", "typoTolerance",
    }
)  # fmt: skip
_NONE: Final[tuple[Any, ...]] = ("", [], "[]")
_ON: Final = (True, "true")
#: What would find other products: taken only where it asks for what is done anyway. By parameter those values, and what
#: is so here.
ONLY_AS: Final[Mapping[str, tuple[tuple[Any, ...], str]]] = {
    "restrictSearchableAttributes": (
        (*_NONE, "*", ["*"], '["*"]'),
        "words are looked for in all texts of a product, never in some of them",
    ),
    "similarQuery": (_NONE, "there is no search by a text of which not all words have to be there; send query"),
    "optionalWords": (_NONE, "all words have to be there, as long as anything has them all"),
    "advancedSyntax": ((False, "false"), "quotes and dashes in a query are signs like others"),
    "enableRules": (_ON, "the shop's rules hold for everybody"),
    "synonyms": (_ON, "the shop's synonyms count for everybody"),
}
_MOST: Final = 10**9
_MOST_TEXT: Final = 10_000


def parameters(given: Any) -> Mapping[str, Any]:
    """Of one search: flat, or `params` as clients before the fifth version write them. Raises `NotAsked`."""
    if not isinstance(given, dict):
        raise NotAsked("A request is to be an object")
    found = dict(given)
    written = found.pop("params", None)
    if isinstance(written, dict):
        found |= written
    elif isinstance(written, str):
        found |= dict(parse_qsl(written, keep_blank_values=True, errors="replace"))
    elif written is not None:
        raise NotAsked("params is to be a text")
    for name, value in found.items():
        if name in ONLY_AS:
            _check_only(name, value)
        elif name not in READERS and name not in WITHOUT_EFFECT:
            raise NotAsked(f"Unknown parameter: {name[:100]}")
    return {name: READERS[name](name, value) for name, value in found.items() if name in READERS and value is not None}


def _check_only(name: str, value: Any) -> None:
    done, says = ONLY_AS[name]
    if value is not None and value not in done:
        raise NotAsked(f"{name}: {says}")


def as_written(found: Mapping[str, Any]) -> str:
    """As the answer repeats them."""
    told = {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in found.items()}
    return urlencode(told)


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise NotAsked(f"{name} is to be a text")
    if len(str(value)) > _MOST_TEXT:
        raise NotAsked(f"{name} has more than {_MOST_TEXT} characters")
    return str(value)


def _number(name: str, value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MOST:
        raise NotAsked(f"{name} is to be a whole number from 0 to {_MOST - 1}")
    return value


def _flag(name: str, value: Any) -> bool:
    if value in (True, False):
        return bool(value)
    if value not in ("true", "false"):
        raise NotAsked(f"{name} is to be true or false")
    return bool(value == "true")


def _texts(name: str, value: Any) -> list[str]:
    """A list, one text, or several by commas as they stand in `params`."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value) if value.lstrip().startswith("[") else [one for one in value.split(",") if one]
        except ValueError:
            raise NotAsked(f"{name} is no JSON") from None
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise NotAsked(f"{name} is to be a list of texts")
    return value


def _names(name: str, value: Any) -> list[str]:
    """The same where one text is one name, commas and all."""
    return (
        [value]
        if isinstance(value, str) and value and not value.startswith("[") and "," not in value
        else _texts(name, value)
    )


def _as_it_is(_: str, value: Any) -> Any:
    return value


#: By parameter: what reads it.
READERS: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    "indexName": _text,
    "type": _text,
    "query": _text,
    "page": _number,
    "hitsPerPage": _number,
    "offset": _number,
    "length": _number,
    "facets": _names,
    "facetFilters": _as_it_is,
    "numericFilters": _as_it_is,
    "tagFilters": _as_it_is,
    "filters": _text,
    "maxValuesPerFacet": _number,
    "sortFacetValuesBy": _text,
    "facet": _text,
    "facetName": _text,
    "facetQuery": _text,
    "maxFacetHits": _number,
    "attributesToRetrieve": _names,
    "attributesToHighlight": _names,
    "attributesToSnippet": _names,
    "highlightPreTag": _text,
    "highlightPostTag": _text,
    "snippetEllipsisText": _text,
    "analytics": _flag,
    "clickAnalytics": _flag,
    "userToken": _as_it_is,
    "queryLanguages": _texts,
    "naturalLanguages": _texts,
}
