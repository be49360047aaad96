"""Declares the events of a search setting: what a shop says of how its search reads words, leads and ranks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class Synonyms:
    """Each of `words` finds what any other finds. With `typed`, only who types that finds them, too."""

    typed: str | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Who searches for one of `queries` and nothing else is led to `url`."""

    queries: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """`position` counts from 1."""

    product_id: UUID
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Products: `by` is product, category, brand or tag; of the first two `value` is an id."""

    by: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """Products whose score counts so many percent: more than 100 lifts, less buries."""

    by: str
    value: str
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRule:
    """Holds where `query` is what is searched for, or a part of it, as `match` says; and in the category."""

    query: str | None
    match: str
    category_id: UUID | None
    priority: int
    pins: tuple[Pin, ...]
    weighed: tuple[Weighed, ...]
    hidden: tuple[Target, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSetting:
    """`kind` says which one of the others it has: synonyms, stop_words, redirect, rule or weights.

    In effect from `starts_at` until before `ends_at`, while it is `active`; without a moment it has no such end.
    """

    id: UUID
    kind: str
    name: str | None
    locale: str | None
    active: bool
    starts_at: datetime | None
    ends_at: datetime | None
    synonyms: Synonyms | None
    stop_words: tuple[str, ...]
    redirect: Redirect | None
    rule: SearchRule | None
    weights: Mapping[str, int]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettingCreated:
    """A search setting was made."""

    search_setting: SearchSetting


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettingUpdated:
    """What it says, or when and where it holds, changed; `changed` names the fields of `SearchSetting`."""

    search_setting: SearchSetting
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettingDeleted:
    """It is no more; `search_setting` is what was last said of it."""

    search_setting: SearchSetting


HISTORIES = (
    History("search_setting.created", (SearchSettingCreated,)),
    History("search_setting.updated", (SearchSettingUpdated,)),
    History("search_setting.deleted", (SearchSettingDeleted,)),
)
AGGREGATE = Aggregate(
    name="search_setting",
    plural="search_settings",
    owner="catalogue",
    histories=HISTORIES,
    gone=SearchSettingDeleted,
    meanings={
        "by": "product, category, brand or tag",
        "hidden": "products that are not found",
        "kind": "synonyms, stop_words, redirect, rule or weights: which of its fields says something",
        "percent": "of its score: 200 counts twice, 50 half",
        "Pin.position": "where among the hits it is shown, from 1",
        "Pin.product_id": "the product that is shown there",
        "pins": "products with a place of their own",
        "queries": "what is searched for, each as it may be typed",
        "query": "words; none: whatever is searched for",
        "redirect": "where a search leads instead",
        "SearchRule.category_id": "only where this category, or one in it, is chosen; none: anywhere",
        "SearchRule.match": "is: they are all that is searched for; contains: they are a part of it",
        "SearchRule.priority": "the rule with the highest one has its way",
        "SearchSetting.active": "whether it is in effect at its time",
        "SearchSetting.ends_at": "the first moment at which it is not in effect any more; none: it does not end",
        "SearchSetting.locale": "where it holds, BCP 47; none: in every language",
        "SearchSetting.name": "what the shop calls it",
        "SearchSetting.rule": "what is shown first, higher, lower or not at all",
        "SearchSetting.starts_at": "the first moment at which it is in effect; none: it always was",
        "stop_words": "words that a query with others does not ask for",
        "synonyms": "words that find the same",
        "typed": "only who types this finds the words; none: each of them finds the others",
        "url": "where it leads",
        "Target.value": "its id, or what the brand or tag is called",
        "Weighed.value": "its id, or what the brand or tag is called",
        "weighed": "products that rank higher, or lower",
        "weights": "by ranking signal, so many percent",
        "words": "what means the same, each a word or several",
    },
)
SearchSettingEvent = SearchSettingCreated | SearchSettingUpdated | SearchSettingDeleted
