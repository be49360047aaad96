"""Pages through all that a query finds, as of the moment of the first page: nothing twice, and nothing left out.

A page begins behind the last hit of the page before, in an order in which no two products are alike. What decides which
products are found, and in which order, has to stay what it was: a rule that pins or boosts, a synonym, a category moved
into the one that is searched would show some of them twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2s
from typing import Any, Final
from uuid import UUID

import orjson

from schemas.events.search_setting import Pin
from sinks.freshness import Freshness, State
from sinks.search.pinned_pages import places
from sinks.search.word_clauses import Match

#: By what two hits differ that are alike otherwise: where they are in the index, as it is at the point in time.
_TIE: Final = {"_shard_doc": "asc"}


class QuestionChanged(Exception):
    """Asked now, the same words would find other products, or in another order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What is the same for all pages. `point`: as OpenSearch calls the moment; `state` and `as_of`: how fresh it was;
    `asked`: what the query was then; `others`: how many hits there are besides the pinned ones.
    """

    id: UUID
    point: str
    opened_at: datetime
    as_of: datetime | None
    state: State
    match: Match
    others: int
    asked: str

    @property
    def freshness(self) -> Freshness:
        if self.state in ("building", "gap"):
            return Freshness(withheld=self.state)
        return Freshness({} if self.as_of is None else {"opened": self.as_of})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the page begins that is the `number`th: behind so many `shown` hits, the last of which that is not pinned
    is sorted by `after`; empty: there is none.
    """

    walk: Walk
    number: int
    shown: int
    after: tuple[Any, ...]


def asked_for(body: Mapping[str, Any], pins: Sequence[Pin], customer_group: str | None) -> str:
    """Which products are found by it, in which order, at whose prices, in a few characters."""
    pinned = [[str(one.product_id), one.position] for one in pins]
    parts = [body["query"], body["post_filter"], body["sort"], pinned, customer_group]
    return blake2s(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()


def in_one_order(body: Mapping[str, Any]) -> dict[str, Any]:
    """The same search, for a point in time."""
    return {**body, "sort": [*body["sort"], _TIE]} if "sort" in body else dict(body)


def going_on(body: Mapping[str, Any], place: Place, size: int) -> dict[str, Any]:
    """The body of a later page: hits only. Scores are the same to the last bit only if all of them are computed, as by
    the first page; without scores OpenSearch may pass over what was shown already.
    """
    kept = {name: body[name] for name in ("query", "post_filter", "sort", "track_scores", "_source")}
    after = {"search_after": list(place.after)} if place.after else {}
    return {**kept, **after, "size": size, "track_total_hits": body["track_scores"]}


def others_before(place: Place, pins: Sequence[Pin]) -> int:
    """How many hits that are not pinned were shown."""
    return place.shown - sum(at < place.shown for at in places(pins, place.walk.others))


def next_place(
    walk: Walk, place: Place | None, shown: Sequence[Mapping[str, Any]], pinned: Mapping[str, Any]
) -> Place | None:
    """Behind what is `shown` of the page that began at the place; None where nothing is left."""
    number, before, after = (1, 0, ()) if place is None else (place.number, place.shown, place.after)
    behind = before + len(shown)
    if not shown or behind >= walk.others + len(pinned):
        return None
    sorts = [tuple(hit["sort"]) for hit in shown if hit["_id"] not in pinned]
    return Place(walk=walk, number=number + 1, shown=behind, after=sorts[-1] if sorts else after)
