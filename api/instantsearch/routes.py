"""What clients of InstantSearch call. Each request of a call gets one answer, in order, as of one moment."""

from collections.abc import Sequence

import orjson
from apiflask import APIBlueprint
from flask import Response

from api.http.dependencies import dependencies
from api.http.read_model_answers import AS_OF_HEADER
from api.http.security import access, requires
from api.http.server.mounted_applications import INSTANTSEARCH_ROOT
from api.instantsearch.answered_requests import answered_requests
from api.instantsearch.asked import call_body
from api.instantsearch.asked.asked_recommendations import asked_recommendations
from api.instantsearch.asked.asked_search import AskedSearch
from api.instantsearch.asked.told_events import told_events
from api.instantsearch.recommendations import recommended
from api.instantsearch.sent_body import sent_body

TAG = "InstantSearch"
instantsearch = APIBlueprint("instantsearch", __name__, url_prefix=f"{INSTANTSEARCH_ROOT}1", tag=TAG)


@instantsearch.post("/indexes/*/queries")
@requires("search:read")
def search_indexes() -> Response:
    """Answer the requests of a page's widgets"""
    return _answered(call_body.several(sent_body(), access().shop.currency), several=True)


@instantsearch.post("/indexes/*/recommendations")
@requires("search:read")
def recommend_products() -> Response:
    """What goes with products: related ones, or what is bought with them"""
    own = dependencies()
    asked = asked_recommendations(sent_body(), access().shop.currency)
    body = orjson.dumps({"results": [recommended(own, access(), one) for one in asked]})
    return Response(body, content_type="application/json", headers={"Cache-Control": "no-store"})


@instantsearch.post("/indexes/<path:index>/query")
@requires("search:read")
def search_index(index: str) -> Response:
    """Search one index"""
    return _answered([call_body.one_of(sent_body(), index, access().shop.currency)])


@instantsearch.post("/indexes/<path:index>/facets/<facet>/query")
@requires("search:read")
def search_facet_values(index: str, facet: str) -> Response:
    """Values of a facet that begin as they are typed"""
    return _answered([call_body.facet_of(sent_body(), index, facet, access().shop.currency)])


@instantsearch.post("/events")
@requires("search:read")
def send_search_insights() -> Response:
    """Tell of clicks, views and conversions"""
    own, shop = dependencies(), access().shop
    own.search_logs.note(shop.id, *told_events(sent_body(), shop.currency, own.clock()))
    return Response(b'{"status":200,"message":"OK"}', content_type="application/json")


def _answered(asked: Sequence[AskedSearch], *, several: bool = False) -> Response:
    answered = answered_requests(dependencies(), access(), asked)
    body = orjson.dumps({"results": answered.answers} if several else answered.answers[0])
    response = Response(body, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    if answered.as_of is not None:
        response.headers[AS_OF_HEADER] = answered.as_of
    return response
