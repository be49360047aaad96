"""Reads one request of a call: what to find, what to count, and what to show of it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from api.instantsearch.asked.attribute_names import EVERY, attribute_named, countable
from api.instantsearch.asked.filter_expression import filter_expression
from api.instantsearch.asked.index_names import View, is_locale, view_named
from api.instantsearch.asked.list_filters import facet_filters, numeric_filters, tag_filters
from api.instantsearch.asked.parameters import as_written, parameters
from api.instantsearch.refusals import NotAsked
from api.use_cases.read_models.logged_searches import LONGEST_SESSION
from sinks.search.product_choices import Attribute, Choice, Is, Not, all_of, conditions_in
from sinks.search.product_query import DEEPEST_HIT, FacetOrder

MOST_REQUESTS: Final = 20
MOST_FACETS: Final = 20
MOST_HITS: Final = 1000
MOST_VALUES: Final = 1000
MOST_FACET_HITS: Final = 100
#: Conditions of a request, where the values of one attribute that are alternatives are one.
MOST_CONDITIONS: Final = 50
_HITS: Final = 20
_FACET_HITS: Final = 10
_VALUES: Final = 100
ALL: Final = "*"
_NOT_REPEATED: Final = frozenset({"indexName", "type", "userToken"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What is marked, and how. `attributes`: None for all; `snippets`: how many words of which attribute."""

    attributes: tuple[str, ...] | None = None
    snippets: Mapping[str, int]
    before: str = "<em>"
    behind: str = "</em>"
    ellipsis: str = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetSearch:
    """Which values of an attribute begin like this."""

    attribute: str
    text: str
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedSearch:
    """`facets` are names; with `every_facet` all that there are. `retrieved`: as it was sent, None for everything."""

    index: str
    view: View
    text: str
    currency: str
    page: int
    per_page: int
    offset: int | None
    facets: tuple[str, ...]
    every_facet: bool
    facet_search: FacetSearch | None
    choices: tuple[Choice, ...]
    values: int
    order: FacetOrder
    marks: Marks
    retrieved: tuple[str, ...] | None
    counts_clicks: bool
    is_noted: bool
    session: str
    written: str

    @property
    def first(self) -> int:
        return self.page * self.per_page if self.offset is None else self.offset

    @property
    def shown(self) -> int:
        """How many hits: none behind the last that can be reached."""
        return max(0, min(self.per_page, DEEPEST_HIT - self.first))


def asked_search(given: Any, currency: str, index: str | None = None) -> AskedSearch:
    """`currency` is the shop's own; `index` the one of the address. Raises `NotAsked`."""
    read = parameters(given)
    name = read.get("indexName", "") if index is None else index
    view = _view(name, read)
    money = view.currency or currency
    choices = _choices(read, money)
    facets = tuple(dict.fromkeys(read.get("facets", ())))
    every = ALL in facets
    named = () if every else tuple(one for one in facets if countable(one))
    if len(named) > MOST_FACETS:
        raise NotAsked(f"facets: at most {MOST_FACETS} are counted at once, or all of them as *")
    facet_search = _facet_search(read)
    if view.holds != "products" and (choices or named or facet_search):
        raise NotAsked(f"{name[:100]} has nothing to be filtered by or counted: facets are of products")
    return AskedSearch(
        index=name,
        view=view,
        text=read.get("query", ""),
        currency=money,
        page=read.get("page", 0),
        per_page=_at_most("hitsPerPage", read.get("length", read.get("hitsPerPage", _HITS)), MOST_HITS),
        offset=read.get("offset"),
        facets=() if view.holds != "products" else EVERY if every else named,
        every_facet=every,
        facet_search=facet_search,
        choices=choices,
        values=_at_most("maxValuesPerFacet", read.get("maxValuesPerFacet", _VALUES), MOST_VALUES),
        order=_order(read.get("sortFacetValuesBy", "count")),
        marks=_marks(read),
        retrieved=tuple(read["attributesToRetrieve"]) if "attributesToRetrieve" in read else None,
        counts_clicks=read.get("clickAnalytics", False),
        is_noted=read.get("analytics", True),
        session=_session(read.get("userToken")),
        written=as_written({key: value for key, value in read.items() if key not in _NOT_REPEATED}),
    )


def positively_chosen(searches: Sequence[AskedSearch]) -> Mapping[Attribute, tuple[str, ...]]:
    """The values that are chosen anywhere in a call: they are counted by all of it, however rare they are."""
    found: dict[Attribute, dict[str, None]] = {}
    for condition in (one for search in searches for choice in search.choices for one in _positive(choice)):
        found.setdefault(condition.attribute, {}).update(dict.fromkeys(condition.values))
    return {attribute: tuple(values) for attribute, values in found.items()}


def _positive(choice: Choice) -> Iterator[Is]:
    if not isinstance(choice, Not):
        yield from (one for one in conditions_in(choice) if isinstance(one, Is))


def _view(name: str, read: Mapping[str, Any]) -> View:
    view = view_named(name)
    languages = [*read.get("queryLanguages", ()), *read.get("naturalLanguages", ())]
    if view.locale is not None or not languages:
        return view
    if not is_locale(languages[0]):
        raise NotAsked(f"queryLanguages: {languages[0][:50]!r} is no language")
    return replace(view, locale=languages[0])


def _choices(read: Mapping[str, Any], currency: str) -> tuple[Choice, ...]:
    found = all_of(
        [
            *facet_filters(read.get("facetFilters"), currency),
            *numeric_filters(read.get("numericFilters"), currency),
            *tag_filters(read.get("tagFilters"), currency),
            *filter_expression(read.get("filters", ""), currency),
        ]
    )
    number = Counter(type(one) for choice in found for one in conditions_in(choice)).total()
    if number > MOST_CONDITIONS:
        raise NotAsked(f"There are {number} conditions; at most {MOST_CONDITIONS} are taken at once")
    return found


def _facet_search(read: Mapping[str, Any]) -> FacetSearch | None:
    kind = read.get("type", "default")
    if kind not in ("default", "facet"):
        raise NotAsked("type is to be default or facet")
    if kind == "default":
        return None
    name = read.get("facet", read.get("facetName", ""))
    countable(name)
    if attribute_named(name).kind in ("price", "stock"):
        raise NotAsked(f"facet: the values of {name} cannot be searched")
    most = min(MOST_FACET_HITS, read.get("maxFacetHits", _FACET_HITS))
    return FacetSearch(attribute=name, text=read.get("facetQuery", ""), most=most)


def _marks(read: Mapping[str, Any]) -> Marks:
    return Marks(
        attributes=_unless_all(read.get("attributesToHighlight")),
        snippets=dict(map(_snippet, read.get("attributesToSnippet", ()))),
        before=read.get("highlightPreTag", "<em>"),
        behind=read.get("highlightPostTag", "</em>"),
        ellipsis=read.get("snippetEllipsisText", "…"),
    )


def _snippet(text: str) -> tuple[str, int]:
    name, colon, number = text.partition(":")
    if colon and not (number.isascii() and number.isdigit() and 0 < len(number) < 4):
        raise NotAsked(f"attributesToSnippet: {text[:100]!r} is to be an attribute, or attribute:words")
    return name, int(number) if colon else 10


def _unless_all(names: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if names is None or ALL in names else tuple(names)


def _order(given: str) -> FacetOrder:
    if given not in ("count", "alpha"):
        raise NotAsked("sortFacetValuesBy is to be count or alpha")
    return "alpha" if given == "alpha" else "count"


def _session(given: Any) -> str:
    """What is too long, or no text, is none: no search fails for it."""
    return given if isinstance(given, str) and len(given) <= LONGEST_SESSION else ""


def _at_most(name: str, given: int, most: int) -> int:
    if given > most:
        raise NotAsked(f"{name} is at most {most}")
    return given
