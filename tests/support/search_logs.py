"""Searches and what was done with what they found, as an API notes them."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from schemas.events.search_log import LoggedAction, LoggedSearch, SearchLog, SearchLogRecorded


def logged_search(text: str, **different: Any) -> LoggedSearch:
    plain = {
        "query_id": uuid4(),
        "text": text,
        "locale": "en",
        "hits": 3,
        "match": "all",
        "took_ms": 8,
        "page": 1,
        "sort": "relevance",
        "filters": (),
        "channel": "instantsearch",
        "counts_clicks": False,
        "session": None,
        "asked_at": datetime.now(UTC),
    }
    return LoggedSearch(**{**plain, **different})


def logged_action(search: LoggedSearch, kind: str = "click", **different: Any) -> LoggedAction:
    """Of what this search found."""
    plain = {
        "kind": kind,
        "query_id": search.query_id,
        "object_id": uuid4(),
        "position": 1 if kind == "click" else None,
        "value_minor": None,
        "currency": None,
        "channel": search.channel,
        "done_at": search.asked_at,
    }
    return LoggedAction(**{**plain, **different})


def search_log(*notes: LoggedSearch | LoggedAction) -> SearchLogRecorded:
    searches = tuple(one for one in notes if isinstance(one, LoggedSearch))
    actions = tuple(one for one in notes if isinstance(one, LoggedAction))
    return SearchLogRecorded(search_log=SearchLog(id=uuid4(), searches=searches, actions=actions))
