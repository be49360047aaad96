"""Says what the rules of a shop come to for one query: which products are pinned, lifted, buried and hidden.

A rule with a category holds where that, or one in it, is chosen; one with words, where they are all or a part of what
is typed; one with a locale, for those who ask in it. All rules that hold are applied; where two want one place or place
one product, the higher priority has its way, then the older rule.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from schemas.events.search_setting import Pin, SearchRule, SearchSetting, Target, Weighed
from sinks.search.category_tree import CategoryTree
from sinks.search.product_filters import inside
from sinks.search.product_query import ProductQuery
from sinks.search.search_languages import language_of
from sinks.search.search_settings import holds_in
from sinks.search.words.asked_words import asked_words
from sinks.search.words.own_words import keys_of

Effect = Literal["pin", "boost", "bury", "hide"]
#: Percent of a score that change nothing.
AS_IT_IS: Final = 100


@dataclass(frozen=True, slots=True)
class AppliedRule:
    """A rule that holds. `ignored`: what it says that a chosen order leaves no place for."""

    setting: SearchSetting
    effects: tuple[Effect, ...]
    ignored: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Merchandising:
    """`pins` by their positions, each product once."""

    pins: tuple[Pin, ...] = ()
    weighed: tuple[Weighed, ...] = ()
    hidden: tuple[Target, ...] = ()
    applied: tuple[AppliedRule, ...] = ()


NOTHING_SAID: Final = Merchandising()


def merchandising(query: ProductQuery, tree: CategoryTree) -> Merchandising:
    """Who chose an order gets it: then rules only hide."""
    held = [(one, one.rule) for one in query.settings.rules if one.rule and _holds(one, one.rule, query, tree)]
    if not held:
        return NOTHING_SAID
    held.sort(key=lambda one: -one[1].priority)
    ranked = query.sort == "relevance"
    return Merchandising(
        pins=_in_places(pin for _, rule in held for pin in rule.pins) if ranked else (),
        weighed=tuple(one for _, rule in held for one in rule.weighed) if ranked else (),
        hidden=tuple(one for _, rule in held for one in rule.hidden),
        applied=tuple(_applied(setting, rule, ranked=ranked) for setting, rule in held),
    )


def of_target(target: Target | Weighed, tree: CategoryTree) -> dict[str, Any]:
    """A filter of the products that are meant."""
    match target.by:
        case "product":
            return {"ids": {"values": [target.value]}}
        case "category":
            return inside(tree, [target.value])
        case "brand":
            return {"term": {"brand": target.value}}
        case _:
            return {"term": {"tags": target.value}}


def _holds(setting: SearchSetting, rule: SearchRule, query: ProductQuery, tree: CategoryTree) -> bool:
    if not holds_in(setting.locale, query.locales[:1]):
        return False
    if rule.category_id is not None and (
        query.category_id is None or str(rule.category_id) not in tree.up_from(str(query.category_id))
    ):
        return False
    return rule.query is None or _is_asked(rule.query, rule.match, query)


def _is_asked(words: str, match: str, query: ProductQuery) -> bool:
    language = language_of(query.locales[0])
    wanted, asked = asked_words(f"{words} ", language), asked_words(query.text, language)
    keys = set(keys_of(wanted))
    if match == "is":
        return bool(asked) and not keys.isdisjoint(keys_of(asked))
    windows = (asked[at : at + len(wanted)] for at in range(len(asked) - len(wanted) + 1))
    return any(not keys.isdisjoint(keys_of(window)) for window in windows)


def _in_places(pins: Iterable[Pin]) -> tuple[Pin, ...]:
    """The first to want a place has it, and a product has the first that is wanted for it."""
    taken: dict[int, Pin] = {}
    placed = set()
    for pin in pins:
        if pin.position not in taken and pin.product_id not in placed:
            taken[pin.position] = pin
            placed.add(pin.product_id)
    return tuple(taken[position] for position in sorted(taken))


def _applied(setting: SearchSetting, rule: SearchRule, *, ranked: bool) -> AppliedRule:
    found: dict[Effect, bool] = {
        "pin": bool(rule.pins),
        "boost": any(one.percent > AS_IT_IS for one in rule.weighed),
        "bury": any(one.percent < AS_IT_IS for one in rule.weighed),
        "hide": bool(rule.hidden),
    }
    said = [effect for effect, there in found.items() if there]
    effects = [one for one in said if ranked or one == "hide"]
    return AppliedRule(setting, tuple(effects), tuple(one for one in said if one not in effects))


def only_there(said: Merchandising, there: Sequence[str]) -> Merchandising:
    """With those pins only whose products can be shown."""
    return replace(said, pins=tuple(pin for pin in said.pins if str(pin.product_id) in there))
