"""Declares the events of a search log: what was searched for in a shop, and what was clicked and bought from it.

Each log is what one process of the API noted within about a second. It says nothing of who searched.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.event_history import History

#: What people typed is kept no longer.
KEPT_DAYS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedSearch:
    """`session` is a hash that is another one each day; none: nothing said which searches belong together."""

    query_id: UUID
    text: str
    locale: str
    hits: int
    match: str
    took_ms: int
    page: int
    sort: str
    filters: tuple[str, ...]
    channel: str
    counts_clicks: bool
    session: str | None
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedAction:
    """`kind` is click, view or conversion. Without a `query_id` it followed no search."""

    kind: str
    query_id: UUID | None
    object_id: UUID
    position: int | None
    value_minor: int | None
    currency: str | None
    channel: str
    done_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLog:
    """What came in together."""

    id: UUID
    searches: tuple[LoggedSearch, ...]
    actions: tuple[LoggedAction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLogRecorded:
    """People searched in a shop, or clicked or bought what they had found."""

    search_log: SearchLog


HISTORIES = (History("search_log.recorded", (SearchLogRecorded,)),)
AGGREGATE = Aggregate(
    name="search_log",
    plural="search_logs",
    owner="catalogue",
    histories=HISTORIES,
    gone=None,
    kept_days=KEPT_DAYS,
    holds="what was [searched for and clicked](search-signals.md), for 30 days",
    meanings={
        "actions": "what people did with what they had found",
        "asked_at": "when it was searched for",
        "channel": "v1 or instantsearch: by which door it came",
        "counts_clicks": "whether the page said that it tells of clicks",
        "done_at": "when it was done",
        "filters": "by what it was narrowed: names of filters, never their values",
        "hits": "how many there were",
        "LoggedAction.kind": "click, view or conversion",
        "LoggedAction.object_id": "the product",
        "LoggedAction.position": "where among the hits it was, from 1",
        "LoggedAction.value_minor": "what it was worth, as the page says",
        "LoggedSearch.locale": "the language that was searched, BCP 47",
        "LoggedSearch.match": "all, loose or some: how much of the words the hits have",
        "LoggedSearch.page": "which page of the hits, from 1",
        "LoggedSearch.sort": "the order of the hits",
        "LoggedSearch.text": "what was typed, in small letters",
        "query_id": "the name of the answer",
        "search_log": "what came in within about a second",
        "searches": "what was searched for",
        "session": "a hash of what the page calls the visit, another one each day; none: it said nothing",
        "took_ms": "how long the answer took",
    },
)
