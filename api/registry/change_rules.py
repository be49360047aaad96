"""Changes levels and modes: one scope at a time, with a note of who did it; those of our own events do not change."""

from dataclasses import replace
from typing import Any

from psycopg import Connection

from api.domain.errors import Forbidden
from api.registry import audit_trail, schema_writes
from api.registry.audit_trail import AuditRows
from api.registry.context_scope import ContextScope
from api.registry.refusals import invalid_mode, not_permitted
from api.registry.rules import EVERYTHING, Mode, RuleRows, Rules
from api.registry.schema_rows import SchemaRows
from api.registry.subject_names import Subject


def set_config(connection: Connection[Any], allowed: ContextScope, scope: Subject, wanted: Rules) -> None:
    """What `wanted` says; what it leaves open stays. Raises `RegistryRefused`, `Forbidden`."""
    _must_change(connection, allowed, scope)
    rows = RuleRows(connection)
    if rows.holding_for(scope).mode in (Mode.READONLY, Mode.READONLY_OVERRIDE):
        raise not_permitted(f"Subject {scope} is in read-only mode")
    held = rows.of(scope)
    named = {
        name: value
        for name in ("compatibility", "compatibility_group", "normalize", "alias")
        if (value := getattr(wanted, name)) is not None
    }
    rows.put(scope, replace(held, **named))
    _write(
        connection,
        allowed,
        audit_trail.CONFIG_SET,
        scope,
        ", ".join(f"{name}={value}" for name, value in named.items()),
    )


def remove_config(connection: Connection[Any], allowed: ContextScope, scope: Subject) -> Rules | None:
    """What was said until now; None when nothing was."""
    _must_change(connection, allowed, scope)
    rows = RuleRows(connection)
    held = rows.of(scope)
    if not held.says_level:
        return None
    rows.put(scope, Rules(mode=held.mode))
    _write(connection, allowed, audit_trail.CONFIG_REMOVED, scope, "")
    return held


def set_mode(connection: Connection[Any], allowed: ContextScope, scope: Subject, mode: Mode, *, force: bool) -> None:
    """Raises `RegistryRefused` (42205) for IMPORT where schemas are already, unless `force`."""
    _must_change(connection, allowed, scope)
    if mode == Mode.READONLY_OVERRIDE and scope != EVERYTHING:
        raise invalid_mode()
    if mode == Mode.IMPORT and allowed.own is not None:
        raise Forbidden("Ids are everybody's, so only the platform's people bring them in.")
    if mode == Mode.IMPORT and not force and _has_schemas(connection, scope):
        raise not_permitted("Cannot import since found existing subjects")
    rows = RuleRows(connection)
    rows.put(scope, replace(rows.of(scope), mode=mode))
    _write(connection, allowed, audit_trail.MODE_SET, scope, mode.value)


def remove_mode(connection: Connection[Any], allowed: ContextScope, scope: Subject) -> Mode | None:
    """The mode until now; None when none was set."""
    _must_change(connection, allowed, scope)
    rows = RuleRows(connection)
    held = rows.of(scope)
    if held.mode is None:
        return None
    rows.put(scope, replace(held, mode=None))
    _write(connection, allowed, audit_trail.MODE_REMOVED, scope, "")
    return held.mode


def _must_change(connection: Connection[Any], allowed: ContextScope, scope: Subject) -> None:
    allowed.must_change(scope)
    schema_writes.take_turns(connection)
    if schema_writes.is_deployed(connection, scope):
        raise not_permitted(f"Subject {scope} is an event of this installation: its versions come with a deploy only")


def _has_schemas(connection: Connection[Any], scope: Subject) -> bool:
    rows = SchemaRows(connection)
    if scope.name:
        return bool(rows.versions(scope, deleted=True))
    return bool(rows.subjects(f":{scope.context}:", deleted=True))


def _write(connection: Connection[Any], allowed: ContextScope, action: str, scope: Subject, detail: str) -> None:
    written = AuditRows(connection, actor_id=allowed.actor_id, role=allowed.role, tenant_id=allowed.tenant_id)
    written.write(action, str(scope), detail=detail)
