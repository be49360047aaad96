"""Makes of an answer of the search what its page shows: hits, facets to choose from, what was chosen, and pages."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from markupsafe import Markup, escape

from api.storefront.asked_search import DEEPEST_PAGE, PER_PAGE, AskedSearch
from api.storefront.quantities import priced_by
from api.storefront.visit import Visit
from api.storefront.words import direction_of

_MARK: Final = re.compile(r"<em>(.*?)</em>", re.DOTALL)
_NEIGHBOURS: Final = 2
_YES, _NO = "true", "false"


@dataclass(frozen=True, slots=True)
class Value:
    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """`one`: a single value can be chosen. `parameter` is its name in the address."""

    parameter: str
    title: str
    values: tuple[Value, ...]
    incomplete: bool
    one: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """Something that was chosen, and the page without it."""

    label: str
    without: str


@dataclass(frozen=True, slots=True)
class PageLink:
    """`behind_gap`: pages between this one and the one before it are left out."""

    number: int
    address: str
    current: bool
    behind_gap: bool


def hit_of(visit: Visit, hit: Mapping[str, Any]) -> dict[str, Any]:
    """A hit with what a card shows of it."""
    low, high, currency = hit["price_min_minor"], hit["price_max_minor"], hit["currency"]
    price = None if low is None else visit.money(low, currency)
    if price is not None and high != low:
        price = visit.words.from_price.format(price=price)
    return {
        **hit,
        "address": visit.at(f"products/{hit['handle']}"),
        "marked": marked(hit["highlight"]) if hit["highlight"] else escape(hit["title"]),
        "snippet": marked(hit["snippet"]) if hit["snippet"] else None,
        "price": price,
        "unit": priced_by(hit["units"]),
        "direction": direction_of(hit["locale"]),
    }


def facets_of(visit: Visit, asked: AskedSearch, told: Mapping[str, Any], *, in_category: bool) -> list[Facet]:
    """Those with something to choose. On the page of a category that is not chosen again."""

    def values(name: str, buckets: Any, prefix: str = "") -> tuple[Value, ...]:
        chosen = {asked.category} if name == "category" else set(asked.several.get(name, ()))
        return tuple(
            Value(f"{prefix}{one['value']}", one["label"], one["count"], f"{prefix}{one['value']}" in chosen)
            for one in buckets
        )

    words, missing = visit.words, set(told["incomplete"])
    made = (
        []
        if in_category
        else [
            Facet("category", words.category, values("category", told["categories"]), "category" in missing, one=True)
        ]
    )
    made += [
        Facet("brand", words.brand, values("brand", told["brands"]), "brand" in missing),
        *(
            Facet("option", one["label"], values("option", one["values"], f"{one['name']}:"), "option" in missing)
            for one in told["options"]
        ),
        *(
            Facet(
                "attribute",
                one["name"],
                values("attribute", _in_words(visit, one["values"]), f"{one['name']}:"),
                "attribute" in missing,
            )
            for one in told["attributes"]
        ),
        Facet("tag", words.tag, values("tag", told["tags"]), "tag" in missing),
    ]
    return [facet for facet in made if facet.values]


def _in_words(visit: Visit, buckets: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Yes and no, where there is nothing else to choose."""
    words = {_YES: visit.words.yes, _NO: visit.words.no}
    if any(one["value"] not in words for one in buckets):
        return buckets
    return [{**one, "label": words[one["value"]]} for one in buckets]


def chosen_of(visit: Visit, asked: AskedSearch, facets: list[Facet], page: str) -> Iterator[Chosen]:
    labels = {(facet.parameter, one.value): one.label for facet in facets for one in facet.values}

    def without(name: str, value: str | None = None) -> str:
        return visit.at(page, **asked.without(name, value).parameters())

    if asked.category and not page:
        yield Chosen(labels.get(("category", asked.category), visit.words.category), without("category"))
    for name, values in asked.several.items():
        for value in values:
            yield Chosen(labels.get((name, value), value.partition(":")[2] or value), without(name, value))
    for name, word in (("price_from", visit.words.price_from), ("price_to", visit.words.price_to)):
        text = getattr(asked, name)
        if text:
            yield Chosen(f"{visit.words.price}: {word.lower()} {text} {visit.currency}", without(name))
    if asked.in_stock:
        yield Chosen(visit.words.in_stock_only, without("in_stock"))


def pages_of(visit: Visit, asked: AskedSearch, total: int, page: str) -> list[PageLink]:
    """The first, the last, and those around the current one; none where all is on one."""
    last = last_page(total)
    around = range(asked.page - _NEIGHBOURS, asked.page + _NEIGHBOURS + 1)
    numbers = sorted({1, last, *(number for number in around if 1 <= number <= last)})
    if last <= 1:
        return []
    return [
        PageLink(n, visit.at(page, **replace(asked, page=n).parameters()), n == asked.page, behind_gap=n - before > 1)
        for before, n in zip([0, *numbers], numbers, strict=False)
    ]


def last_page(total: int) -> int:
    """Of those that can be reached; 0 where nothing was found."""
    return min(-(-total // PER_PAGE), DEEPEST_PAGE)


def marked(text: str) -> Markup:
    """A text whose found words are in `<em>`, with nothing else in it that a browser would take for HTML."""
    parts = _MARK.split(text)
    made = Markup("")
    for at, part in enumerate(parts):
        plain = escape(html.unescape(part))
        made += Markup("<mark>{}</mark>").format(plain) if at % 2 else plain
    return made
