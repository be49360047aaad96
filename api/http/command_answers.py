"""Answers a command: carried out in one unit of work, once for each Idempotency-Key, with a receipt.

`If-Match` makes it conditional on the version the client has seen; `ETag` says which it has become.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from flask import Response, request
from pydantic import BaseModel

from api.domain.changes import Versioned
from api.domain.errors import Invalid, VersionMismatch
from api.http import receipts, security
from api.http.dependencies import dependencies
from api.http.middleware import request_ids
from api.http.receipts import Receipt
from api.store.idempotency_keys import KeptAnswer
from api.store.outbox import Cause
from api.store.store import NO_TENANT
from api.store.unit_of_work import UnitOfWork

KEY_HEADER: Final = "Idempotency-Key"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Done:
    """What a command came to. The body carries the receipt, too, if there is a read model to wait for."""

    receipt: Receipt | None
    body: BaseModel
    status: HTTPStatus = HTTPStatus.OK
    location: str | None = None


def carry_out(decide: Callable[[UnitOfWork], Done]) -> Response:
    """The answer to a command about the tenant of this request."""
    return _carry_out(security.tenant().id, decide, platform=False)


def carry_out_for_platform(new_tenant_id: UUID, decide: Callable[[UnitOfWork], Done]) -> Response:
    """The answer to a command that makes the tenant it is about."""
    return _carry_out(new_tenant_id, decide, platform=True)


def carry_out_for_either(decide: Callable[[UnitOfWork], Done]) -> Response:
    """The answer to a command about the tenant of this request, or about the whole platform if it has none."""
    shop = security.access().tenant
    if shop is None:
        return _carry_out(NO_TENANT, decide, platform=True)
    return _carry_out(shop.id, decide, platform=False)


def cause() -> Cause:
    trace = request_ids.current()
    return Cause(
        actor_id=security.access().actor.actor_id,
        role=security.access().actor.role.value,
        request_id=trace.request_id,
        correlation_id=trace.correlation_id,
        traceparent=trace.traceparent,
    )


def expect(held: Versioned[Any]) -> None:
    """Raises `VersionMismatch` when the client said `If-Match` and this is another version."""
    if request.if_match.star_tag or not request.headers.get("If-Match"):
        return
    if not request.if_match.contains_weak(str(held.version)):
        raise VersionMismatch(f"It is at version {held.version} now.")


def signed(receipt: Receipt) -> str:
    """The receipt as the shop of this request gets it."""
    return dependencies().receipts.text(security.tenant().id, receipt)


def etag(version: int) -> str:
    return f'"{version}"'


def _carry_out(tenant_id: UUID, decide: Callable[[UnitOfWork], Done], *, platform: bool) -> Response:
    key = _key()
    fingerprint = sha256(b"\0".join((request.method.encode(), request.full_path.encode(), request.get_data()))).digest()

    def once(work: UnitOfWork) -> KeptAnswer:
        kept = work.keys.take(key, fingerprint) if key else None
        if kept is not None:
            return kept
        made = _answer(tenant_id, decide(work))
        if key:
            work.keys.keep(key, made)
        return made

    answer = dependencies().store.carry_out(tenant_id, cause(), once, platform=platform)
    return Response(answer.body, answer.status, dict(answer.headers), content_type="application/json")


def _answer(tenant_id: UUID, done: Done) -> KeptAnswer:
    headers: dict[str, str] = {}
    if done.receipt is not None:
        text = dependencies().receipts.text(tenant_id, done.receipt)
        headers |= {receipts.HEADER: text, "ETag": etag(done.receipt.version)}
    if done.location is not None:
        headers["Location"] = done.location
    return KeptAnswer(status=done.status.value, headers=headers, body=done.body.model_dump_json().encode())


def _key() -> str | None:
    key = request.headers.get(KEY_HEADER)
    if key is not None and not _KEY.fullmatch(key):
        raise Invalid.field(KEY_HEADER, "malformed", "It is 1 to 255 visible ASCII characters.")
    return key if request.method == "POST" else None
