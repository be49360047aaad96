"""Deletes versions in two steps: first not offered but read by records with its id; then gone for good.

What others refer to does not go, and what comes with our own code does not go either.
"""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from api.registry import audit_trail, schema_writes
from api.registry.audit_trail import AuditRows
from api.registry.context_scope import ContextScope
from api.registry.refusals import (
    no_subject,
    no_version,
    not_permitted,
    referenced,
    subject_is_deleted,
    subject_is_not_deleted,
    version_is_deleted,
    version_is_not_deleted,
)
from api.registry.rules import Mode, RuleRows
from api.registry.schema_content import Version
from api.registry.schema_rows import SchemaRows
from api.registry.subject_names import Subject


def delete_version(
    connection: Connection[Any], allowed: ContextScope, subject: Subject, number: int | None, *, permanent: bool
) -> int:
    """The number of the version that is gone; `number` None is the latest. Raises `RegistryRefused`, `Forbidden`."""
    _must_let_go(connection, allowed, subject)
    there = SchemaRows(connection, allowed.seen).versions(subject, deleted=True)
    if not there:
        raise no_subject(subject)
    wanted = [one for one in there if not one.deleted][-1:] if number is None else there
    found = next((one for one in wanted if number in (None, one.version)), None)
    if found is None:
        raise no_version("latest" if number is None else number)
    if found.deleted and not permanent:
        raise version_is_deleted(subject, found.version)
    if permanent and not found.deleted:
        raise version_is_not_deleted(subject, found.version)
    _delete(connection, allowed, subject, [found], permanent=permanent)
    return found.version


def delete_subject(
    connection: Connection[Any], allowed: ContextScope, subject: Subject, *, permanent: bool
) -> Sequence[int]:
    """The numbers of the versions that are gone. Its own level and mode go with the first step."""
    _must_let_go(connection, allowed, subject)
    there = SchemaRows(connection, allowed.seen).versions(subject, deleted=True)
    living = [one for one in there if not one.deleted]
    if not there:
        raise no_subject(subject)
    if permanent and living:
        raise subject_is_not_deleted(subject)
    if not permanent and not living:
        raise subject_is_deleted(subject)
    _delete(connection, allowed, subject, there if permanent else living, permanent=permanent)
    connection.execute("DELETE FROM registry_settings WHERE subject = %s", (str(subject),))
    return [one.version for one in (there if permanent else living)]


def _must_let_go(connection: Connection[Any], allowed: ContextScope, subject: Subject) -> None:
    allowed.must_change(subject)
    schema_writes.take_turns(connection)
    if RuleRows(connection).holding_for(subject).mode in (Mode.READONLY, Mode.READONLY_OVERRIDE):
        raise not_permitted(f"Subject {subject} is in read-only mode")


def _delete(
    connection: Connection[Any],
    allowed: ContextScope,
    subject: Subject,
    versions: Sequence[Version],
    *,
    permanent: bool,
) -> None:
    everywhere = SchemaRows(connection)
    for one in versions:
        if everywhere.referring(subject, one.version, deleted=permanent):
            raise referenced(subject, one.version)
    written = AuditRows(connection, actor_id=allowed.actor_id, role=allowed.role, tenant_id=allowed.tenant_id)
    numbers = [one.version for one in versions]
    if permanent:
        connection.execute(
            "DELETE FROM schema_versions WHERE subject = %s AND version = ANY (%s)", (str(subject), numbers)
        )
    else:
        connection.execute(
            "UPDATE schema_versions SET deleted = true WHERE subject = %s AND version = ANY (%s)",
            (str(subject), numbers),
        )
    for one in versions:
        action = audit_trail.DELETED_FOR_GOOD if permanent else audit_trail.DELETED
        written.write(action, str(subject), version=one.version, schema_id=one.stored.id)
