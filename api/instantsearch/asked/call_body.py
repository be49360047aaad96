"""Reads the body of a call: the requests in it, each for one answer."""

from collections.abc import Sequence
from typing import Any

from api.instantsearch.asked.asked_search import MOST_REQUESTS, AskedSearch, asked_search
from api.instantsearch.refusals import NotAsked


def several(body: Any, currency: str) -> Sequence[AskedSearch]:
    """`{"requests": […]}`, or the list itself. Raises `NotAsked`, which says which of them is wrong."""
    requests = body.get("requests") if isinstance(body, dict) else body
    if not isinstance(requests, list):
        raise NotAsked("The body is to be an object with a list of requests")
    if not 0 < len(requests) <= MOST_REQUESTS:
        raise NotAsked(f"There are to be 1 to {MOST_REQUESTS} requests in a call")
    return [_numbered(place, one, currency) for place, one in enumerate(requests)]


def one_of(body: Any, index: str, currency: str) -> AskedSearch:
    """Of an index in the address. Raises `NotAsked`."""
    return asked_search({} if body is None else body, currency, index)


def facet_of(body: Any, index: str, facet: str, currency: str) -> AskedSearch:
    """The values of a facet in the address. Raises `NotAsked`."""
    given = {} if body is None else body
    if not isinstance(given, dict):
        raise NotAsked("A request is to be an object")
    return asked_search({**given, "type": "facet", "facet": facet}, currency, index)


def _numbered(place: int, given: Any, currency: str) -> AskedSearch:
    try:
        return asked_search(given, currency)
    except NotAsked as wrong:
        raise NotAsked(f"requests[{place}]: {wrong.message}" if place else wrong.message, wrong.status) from None
