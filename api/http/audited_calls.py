"""Leaves a row of the audit trail for each privileged call, as the route's permission says, and for each refused one.

What a call changes and its row are one transaction. A call that changes nothing in one (an export, a look of the
platform's own people into a shop) has its row before its answer leaves: where none can be written there is no answer.
What is refused with 403 is written down a moment later (`api.http.denied_calls`).
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from flask import Flask, Response, current_app, g, request

from api.domain.audit import is_in_a_shop, is_privileged, needs_reason
from api.domain.errors import Invalid
from api.domain.scope import Actor
from api.http import security
from api.http.dependencies import dependencies
from api.http.middleware import request_ids
from api.http.route_table import pattern
from api.http.security import Requires, declared
from api.store.audit import entry_of_act
from api.store.outbox import Act, Cause
from api.store.store import NO_TENANT

REASON_HEADER: Final = "X-Reason"
_LONGEST_REASON: Final = 500
_LONGEST_OBJECT: Final = 200
View = Callable[..., Any]


def register(app: Flask) -> None:
    """Once all its routes are there."""
    for name, view in app.view_functions.items():
        access = declared(view)
        if isinstance(access, Requires) and (is_privileged(access.permission) or is_in_a_shop(access.permission)):
            app.view_functions[name] = _audited(view, access.permission)
    app.after_request(_note_refusal)


def concerns(tenant_id: UUID | None) -> None:
    """Whose data it is that the platform's own people look at."""
    act: Act | None = g.get("act")
    if act is not None:
        act.about = tenant_id


def names(object_: str) -> None:
    """What the row of this call is about, where its address does not say so: an id, nothing else of people."""
    act: Act | None = g.get("act")
    if act is not None:
        act.object = object_


def cause_of(actor: Actor) -> Cause:
    """This request of somebody, as the events and the row that come of it name it."""
    trace = request_ids.current()
    return Cause(
        actor_id=actor.actor_id,
        role=actor.role.value,
        request_id=trace.request_id,
        correlation_id=trace.correlation_id,
        traceparent=trace.traceparent,
        address=request.remote_addr or "",
        act=g.get("act"),
    )


def _audited(view: View, permission: str) -> View:
    @wraps(view)
    def call(**parts: Any) -> Any:
        access = security.access()
        of_platform = access.actor.tenant_id is None
        if not is_privileged(permission) and not of_platform:
            return view(**parts)
        g.act = _act(permission, _reason(required=of_platform and needs_reason(permission)))
        answer = view(**parts)
        if not g.act.settled:
            own = NO_TENANT if access.tenant is None else access.tenant.id
            dependencies().store.record([entry_of_act(cause_of(access.actor), own, dependencies().clock())])
        return answer

    return call


def _act(permission: str, reason: str = "") -> Act:
    parts, rule = request.view_args or {}, request.url_rule
    return Act(
        permission=permission,
        call=f"{request.method} {pattern(rule.rule if rule is not None else '')}",
        object="/".join(str(part) for part in parts.values())[:_LONGEST_OBJECT],
        about=next((part for name, part in parts.items() if name == "tenant_id" and isinstance(part, UUID)), None),
        reason=reason,
    )


def _reason(*, required: bool) -> str:
    given = _as_written(request.headers.get(REASON_HEADER, "")).strip()
    if required and not given:
        raise Invalid.field(REASON_HEADER, "missing", f"This is a shop's: say in {REASON_HEADER} why you do it.")
    if len(given) > _LONGEST_REASON or not given.isprintable():
        raise Invalid.field(REASON_HEADER, "malformed", f"It is up to {_LONGEST_REASON} characters in one line.")
    return given


def _as_written(header: str) -> str:
    """Where Python reads headers they are Latin-1; people write UTF-8."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _note_refusal(response: Response) -> Response:
    actor: Actor | None = g.get("actor")
    rule = request.url_rule
    if response.status_code == HTTPStatus.FORBIDDEN and actor is not None and rule is not None:
        access = declared(current_app.view_functions[rule.endpoint])
        if isinstance(access, Requires):
            cause = replace(cause_of(actor), act=_act(access.permission))
            own = NO_TENANT if actor.tenant_id is None else actor.tenant_id
            dependencies().denied.note(entry_of_act(cause, own, dependencies().clock(), "denied"))
    return response
