"""Modes: whether versions may be added, and with whose numbers: of everything, a context (`:.shop:`), a subject."""

from flask import Response

from api.http.security import requires
from api.registry import change_rules
from api.registry.refusals import invalid_mode, no_mode, no_subject
from api.registry.routes.answers import answer, blueprint
from api.registry.routes.call_input import asking, body, flag, subject
from api.registry.rules import Mode, RuleRows
from api.registry.subject_names import DEFAULT, Subject

modes = blueprint("modes")


@modes.get("/mode")
@requires("schemas:read")
def get_mode() -> Response:
    """What holds for all subjects that say nothing themselves"""
    return _get(subject(""), everything=True)


@modes.put("/mode")
@requires("schemas:update")
def put_mode() -> Response:
    """Change it"""
    return _put(subject(""))


@modes.delete("/mode")
@requires("schemas:update")
def delete_mode() -> Response:
    """Back to READWRITE"""
    return _delete(subject(""))


@modes.get("/mode/<name:subject_name>")
@requires("schemas:read")
def get_subject_mode(subject_name: str) -> Response:
    """A subject's own; with `defaultToGlobal=true` what holds for it"""
    return _get(subject(subject_name), everything=flag("defaultToGlobal"))


@modes.put("/mode/<name:subject_name>")
@requires("schemas:update")
def put_subject_mode(subject_name: str) -> Response:
    """Change a subject's own"""
    return _put(subject(subject_name))


@modes.delete("/mode/<name:subject_name>")
@requires("schemas:update")
def delete_subject_mode(subject_name: str) -> Response:
    """A subject no longer has its own"""
    return _delete(subject(subject_name))


def _get(scope: Subject, *, everything: bool) -> Response:
    with asking() as (connection, allowed):
        rows = RuleRows(connection)
        mode = (rows.holding_for(scope) if everything else rows.of(scope)).mode
    if mode is None or not (allowed.seen is None or scope.context in allowed.seen):
        raise no_mode(scope)
    return answer({"mode": mode})


def _put(scope: Subject) -> Response:
    wanted = body().get("mode")
    if not isinstance(wanted, str) or wanted.upper() not in Mode.__members__:
        raise invalid_mode()
    mode = Mode(wanted.upper())
    with asking() as (connection, allowed):
        change_rules.set_mode(connection, allowed, scope, mode, force=flag("force"))
    return answer({"mode": mode})


def _delete(scope: Subject) -> Response:
    with asking() as (connection, allowed):
        mode = change_rules.remove_mode(connection, allowed, scope)
    if mode is None and scope != Subject(DEFAULT, ""):
        raise no_subject(scope)
    return answer({"mode": mode or Mode.READWRITE})
