"""Reads the body of a call for recommendations: products, and what is to be said of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args
from uuid import UUID

from api.instantsearch.asked.asked_search import AskedSearch, asked_search
from api.instantsearch.refusals import NotAsked
from api.use_cases.read_models.related_products import MOST_RELATED

Kind = Literal["related-products", "bought-together"]
_KINDS: Final[Mapping[str, Kind]] = {kind: kind for kind in get_args(Kind)}
#: Each is several questions.
MOST_ASKED: Final = 5
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class AskedRecommendations:
    """`product_id`: None where what was named can be no product's. `search` says how hits are to be shown."""

    kind: Kind
    product_id: UUID | None
    most: int
    search: AskedSearch


def asked_recommendations(body: Any, currency: str) -> Sequence[AskedRecommendations]:
    """`{"requests": […]}`. Raises `NotAsked`."""
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list) or not all(isinstance(one, dict) for one in requests):
        raise NotAsked("The body is to be an object with a list of requests")
    if not 0 < len(requests) <= MOST_ASKED:
        raise NotAsked(f"There are to be 1 to {MOST_ASKED} requests in a call for recommendations")
    return [_one(one, currency) for one in requests]


def _one(given: dict[str, Any], currency: str) -> AskedRecommendations:
    model, named, most = str(given.get("model")), given.get("objectID"), given.get("maxRecommendations", 0)
    kind = _KINDS.get(model)
    if kind is None:
        raise NotAsked(f"model: {model[:_LONGEST]!r} is not recommended here; {' and '.join(_KINDS)} are")
    if not isinstance(named, str):
        raise NotAsked("objectID is to be the id of a product")
    if isinstance(most, bool) or not isinstance(most, int) or most < 0:
        raise NotAsked("maxRecommendations is to be a number from 0, for as many as there are")
    shown = given.get("queryParameters", {})
    if not isinstance(shown, dict):
        raise NotAsked("queryParameters is to be an object")
    search = asked_search({**shown, "indexName": given.get("indexName", "")}, currency)
    if search.view.holds != "products":
        raise NotAsked("indexName: only products are recommended")
    if search.choices:
        raise NotAsked("queryParameters: recommendations cannot be filtered here")
    return AskedRecommendations(
        kind=kind, product_id=_id(named), most=min(most or MOST_RELATED, MOST_RELATED), search=search
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
