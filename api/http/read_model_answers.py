"""Answers from a read model: waits for the receipts that were brought, and says how fresh the answer is."""

from collections.abc import Collection
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from flask import Response, request

from api.domain.errors import FieldError
from api.http import security
from api.http.bodies.read_models import Fresh
from api.http.dependencies import dependencies
from api.http.receipts import NotVisibleYet, TooManyWaiting
from api.http.server.request_state import Waited, Wish, visit_of
from api.use_cases.read_models.question import Asked, AskedModel
from sinks.freshness import Freshness, State
from sinks.wanted_version import Wanted

AS_OF_HEADER: Final = "Rustok-As-Of"
#: Fields that differ though an answer says the same.
_OF_THE_MOMENT: Final = {"as_of", "lag_ms", "query_id"}


def wait_for_receipts(asked: Asked, name: str, model: AskedModel) -> None:
    """Returns when the model shows what the receipts are for. Raises `NotVisibleYet`, `TooManyWaiting`.

    It never waits itself: it leaves a wish at the door, and the request comes again. `name` is what the door calls it.
    """
    tenant_id = security.tenant().id
    brought = [dependencies().receipts.read(tenant_id, text) for text in asked.after]
    if not brought:
        return
    wanted = frozenset(Wanted(tenant_id, one.aggregate, one.id, one.version, one.epoch) for one in brought)
    visit = visit_of(request.environ)
    match None if visit is None else visit.waited:
        case Waited.SHOWN:
            return
        case Waited.TOO_MANY:
            raise TooManyWaiting("So many requests wait already that there is no place for another.")
        case None if visit is not None and asked.wait > 0:
            visit.wish = Wish(name, f"{tenant_id} {security.access().actor.actor_id}", wanted, asked.wait)
            raise _not_visible(wanted, 0)
        case _:
            missing = wanted - frozenset(model.shown(wanted))
            if missing:
                raise _not_visible(missing, asked.wait)


def _not_visible(missing: Collection[Wanted], waited_s: float) -> NotVisibleYet:
    wrong = [FieldError("after", "not_visible_yet", f"{one.aggregate} {one.id} v{one.version}") for one in missing]
    return NotVisibleYet(f"After {waited_s:g} s {len(missing)} changes are not visible yet.", wrong)


def freshness(found: Freshness) -> tuple[str | None, int | None, State]:
    """`as_of`, `lag_ms` and `state`."""
    as_of = found.as_of
    return (None if as_of is None else _text(as_of), found.lag_ms(dependencies().clock()), found.state)


def respond(body: Fresh) -> Response:
    response = _response(body.model_dump_json(), body)
    response.headers["Cache-Control"] = "no-store"
    return response


def respond_with_tag(body: Fresh) -> Response:
    """The same with an ETag of what it says, whatever the moment: who has it is told the new one in the header.

    The name of the answer does not count either: what is clicked in a kept one was found by the first.
    """
    said, moment = body.model_dump_json(exclude=_OF_THE_MOMENT), body.model_dump_json(include=_OF_THE_MOMENT)
    response = _response(f"{moment[:-1]},{said[1:]}", body)
    response.set_etag(sha256(said.encode()).hexdigest()[:32])
    return response


def _response(json: str, body: Fresh) -> Response:
    response = Response(json, content_type="application/json")
    if body.as_of is not None:
        response.headers[AS_OF_HEADER] = body.as_of
    return response


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
