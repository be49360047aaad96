"""Reads what `search-insights` tells: clicks, views and conversions, each of one or several products.

What such a client tells of besides, chosen filters and its own use, is taken and left.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from api.domain.money import EXPONENTS, MOST_MINOR
from api.instantsearch.asked.numbers import read_number
from api.instantsearch.refusals import NotAsked
from api.use_cases.read_models.logged_searches import INSTANTSEARCH
from api.use_cases.read_models.tell_search_actions import is_in_time
from schemas.events.search_log import LoggedAction
from sinks.search.product_query import DEEPEST_HIT

MOST_EVENTS: Final = 1000
MOST_OBJECTS: Final = 20
_KINDS: Final = ("click", "view", "conversion")
#: Of the widgets' makers, about the widgets.
_OF_ITS_MAKERS: Final = "instantsearch"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def told_events(body: Any, currency: str, now: datetime) -> list[LoggedAction]:
    """`currency` is the shop's own. Raises `NotAsked`, saying which event and what of it."""
    events = body.get("events") if isinstance(body, dict) else None
    if not isinstance(events, list) or not all(isinstance(one, dict) for one in events):
        raise NotAsked("events is to be a list of objects")
    if len(events) > MOST_EVENTS:
        raise NotAsked(f"At most {MOST_EVENTS} events are taken at once")
    found = [action for n, event in enumerate(events) for action in _event(f"events[{n}]", event, currency, now)]
    if len(found) > MOST_EVENTS:
        raise NotAsked(f"At most {MOST_EVENTS} products are told of at once")
    return found


def _event(place: str, event: Mapping[str, Any], currency: str, now: datetime) -> Iterator[LoggedAction]:
    kind = event.get("eventType")
    if kind == _OF_ITS_MAKERS or (kind in _KINDS and "objectIDs" not in event and "filters" in event):
        return
    if kind not in _KINDS:
        raise NotAsked(f"{place}.eventType is to be click, view or conversion")
    objects = _list(f"{place}.objectIDs", event.get("objectIDs"))
    query_id = _query_id(f"{place}.queryID", event.get("queryID"))
    data = event.get("objectData")
    followed = [
        _query_id(f"{place}.objectData", one.get("queryID")) or query_id if isinstance(one, dict) else query_id
        for one in (data if isinstance(data, list) else [])
    ]
    positions = event.get("positions")
    if positions is None and kind == "click" and query_id is not None:
        raise NotAsked(f"{place}.positions is missing: a click after a search says where it was")
    where = [None] * len(objects) if positions is None else _positions(f"{place}.positions", positions, len(objects))
    at = _moment(f"{place}.timestamp", event.get("timestamp"), now)
    worth = _worth(place, event, currency) if kind == "conversion" else (None, None)
    for number, (object_id, position) in enumerate(zip(objects, where, strict=True)):
        value_minor, of = worth if number == 0 else (None, None)
        yield LoggedAction(
            kind=kind,
            query_id=followed[number] if number < len(followed) else query_id,
            object_id=_uuid(f"{place}.objectIDs", object_id),
            position=position,
            value_minor=value_minor,
            currency=of,
            channel=INSTANTSEARCH,
            done_at=at,
        )


def _list(place: str, given: Any) -> list[Any]:
    if not isinstance(given, list) or not 0 < len(given) <= MOST_OBJECTS:
        raise NotAsked(f"{place} is to be a list of 1 to {MOST_OBJECTS}")
    return given


def _positions(place: str, given: Any, number: int) -> list[int]:
    found = _list(place, given)
    if len(found) != number or not all(type(one) is int and 1 <= one <= DEEPEST_HIT for one in found):
        raise NotAsked(f"{place} is to be a number from 1 to {DEEPEST_HIT} for each of objectIDs")
    return found


def _query_id(place: str, given: Any) -> UUID | None:
    return None if given is None else _uuid(place, given)


def _uuid(place: str, given: Any) -> UUID:
    try:
        return UUID(given)
    except (ValueError, AttributeError, TypeError) as wrong:
        raise NotAsked(f"{place}: {str(given)[:100]!r} was never given by this search") from wrong


def _moment(place: str, given: Any, now: datetime) -> datetime:
    """Milliseconds since 1970."""
    if given is None:
        return now
    if type(given) is not int or not 0 <= given < 10**14:
        raise NotAsked(f"{place} is to be milliseconds since 1970")
    at = _EPOCH + timedelta(milliseconds=given)
    if not is_in_time(at, now):
        raise NotAsked(f"{place} is longer ago than four days, or in the future")
    return min(at, now)


def _worth(place: str, event: Mapping[str, Any], currency: str) -> tuple[int | None, str | None]:
    """Of all products of the event together, in minor units."""
    given, of = event.get("value"), event.get("currency", currency)
    if given is None:
        return None, None
    if not isinstance(of, str) or of not in EXPONENTS:
        raise NotAsked(f"{place}.currency is no ISO 4217 currency")
    minor = round(read_number(str(given)) * Decimal(10) ** EXPONENTS[of])
    if not 0 <= minor <= MOST_MINOR:
        raise NotAsked(f"{place}.value is from 0 to {MOST_MINOR} minor units")
    return minor, of
