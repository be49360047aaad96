"""Answers a command: carried out in one unit of work, once for each Idempotency-Key, with a receipt.

`If-Match` makes it conditional on the version the client has seen; `ETag` says which it has become.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Final
from uuid import UUID

from flask import Response, request
from pydantic import BaseModel

from api.domain import claim_tokens
from api.domain.cart_tokens import token_hash
from api.domain.changes import ANY_VERSION, Expected
from api.domain.errors import Invalid
from api.http import cart_token, receipts, security
from api.http.audited_calls import cause_of
from api.http.dependencies import dependencies
from api.http.entity_answers import etag
from api.http.receipts import receipt_of
from api.store.idempotency_keys import KeptAnswer
from api.store.outbox import Cause
from api.store.unit_of_work import UnitOfWork
from schemas.aggregate import Aggregate

KEY_HEADER: Final = "Idempotency-Key"
LOCATION: Final = "Location"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """Of the version an aggregate has become, as its shop gets it."""

    text: str
    version: int


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """The body carries the receipt, too, if there is a read model to wait for; else `version` is what the ETag says.

    `is_secret`: it is kept nowhere.
    """

    body: BaseModel
    receipt: SignedReceipt | None = None
    status: HTTPStatus = HTTPStatus.OK
    location: str | None = None
    is_secret: bool = False
    version: int | None = None


def carry_out(
    decide: Callable[[UnitOfWork], CommandAnswer], *, about: UUID | None = None, of_one: bool = True
) -> Response:
    """The answer to a command about the shop of this request, or, for the platform's own people, about another.

    It is `of_one` thing, or of many.
    """
    key = _key()
    fingerprint = _fingerprint()

    def once(work: UnitOfWork) -> KeptAnswer:
        kept = work.keys.take(key, fingerprint) if key else None
        act = work.cause.act
        if kept is not None:
            if act is not None:
                act.settled = True  # by the first one
            return kept
        made = _as_sent(decide(work))
        if act is not None and LOCATION in made.headers:
            act.object = made.headers[LOCATION].rpartition("/")[2]
        if key:
            work.keys.keep(key, made)
        return made

    return _response(dependencies().store.carry_out(security.access(), cause(), once, about=about, of_one=of_one))


def kept_nowhere(answer: CommandAnswer) -> Response:
    """What was carried out without an Idempotency-Key."""
    return _response(_as_sent(answer))


def cause() -> Cause:
    """This request, as the events that come of it name it."""
    return cause_of(security.access().actor)


def expected() -> Expected:
    """What `If-Match` says."""
    if request.if_match.star_tag or not request.headers.get("If-Match"):
        return ANY_VERSION
    return Expected(frozenset(request.if_match.as_set(include_weak=True)))


def signed_receipt(tenant_id: UUID, aggregate: Aggregate, id_: UUID, version: int) -> SignedReceipt:
    return SignedReceipt(dependencies().receipts.text(tenant_id, receipt_of(aggregate.name, id_, version)), version)


def _response(answer: KeptAnswer) -> Response:
    return Response(answer.body, answer.status, dict(answer.headers), content_type="application/json")


def _as_sent(answer: CommandAnswer) -> KeptAnswer:
    headers: dict[str, str] = {}
    if answer.receipt is not None:
        headers |= {receipts.HEADER: answer.receipt.text, "ETag": etag(answer.receipt.version)}
    elif answer.version is not None:
        headers["ETag"] = etag(answer.version)
    if answer.location is not None:
        headers[LOCATION] = answer.location
    body = answer.body.model_dump_json().encode()
    return KeptAnswer(status=answer.status.value, headers=headers, body=body, is_secret=answer.is_secret)


def _fingerprint() -> bytes:
    """Of the request, by which it is known again: who shows another token sends another one."""
    shown = (request.headers.get(name) for name in (cart_token.HEADER, claim_tokens.HEADER))
    parts = [request.method.encode(), request.full_path.encode(), request.get_data()]
    return sha256(b"\0".join([*parts, *(token_hash(one) for one in shown if one is not None)])).digest()


def _key() -> str | None:
    key = request.headers.get(KEY_HEADER)
    if key is not None and not _KEY.fullmatch(key):
        raise Invalid.field(KEY_HEADER, "malformed", "It is 1 to 255 visible ASCII characters.")
    return key if request.method == "POST" else None
