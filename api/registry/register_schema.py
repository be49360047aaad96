"""Registers a schema: looked up first; if it is new, the mode must allow it and the level accept it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from psycopg import Connection

from api.registry import audit_trail, lost_schemas, schema_writes
from api.registry.audit_trail import AuditRows
from api.registry.avro.compatibility import check
from api.registry.context_scope import ContextScope
from api.registry.parse_references import parsed, qualified
from api.registry.refusals import incompatible, invalid_schema, invalid_subject, not_permitted, schemas_are_lost
from api.registry.resolve_references import resolved
from api.registry.rules import Mode, RuleRows, Rules
from api.registry.schema_content import SchemaContent, StoredContent, Version
from api.registry.schema_rows import SchemaRows
from api.registry.subject_names import DEFAULT, Subject
from schemas.event_catalogue import HISTORIES

#: Also of one that is still to come: a deploy would find another schema in its place.
_AN_EVENT_OF_OURS: Final = re.compile(rf"({'|'.join(sorted({one.aggregate for one in HISTORIES}))})\.[a-z_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What somebody wants registered. `version` and `schema_id` are theirs to choose in the mode IMPORT only."""

    content: SchemaContent
    normalize: bool = False
    version: int | None = None
    schema_id: int | None = None


def canonical(rows: SchemaRows, subject: Subject, proposal: Proposal, rules: Rules) -> SchemaContent:
    """The content as it is compared and stored. Raises `RegistryRefused` when it is no schema."""
    given = replace(proposal.content, references=qualified(proposal.content.references, subject))
    read = parsed(rows, given)
    return replace(given, schema=read.normalized if proposal.normalize or rules.normalize else read.canonical)


def look_up(rows: SchemaRows, subject: Subject, content: SchemaContent, *, deleted: bool = False) -> Version | None:
    """The newest version with this content. Who brings neither metadata nor rules does not ask for them, and who brings
    no references may have written what they refer to into the text.
    """
    bare = content.metadata is None and content.rule_set is None
    for version in reversed(rows.versions(subject, deleted=deleted)):
        held = version.stored.content
        if held.references and not content.references:
            held = replace(held, references=(), schema=resolved(parsed(rows, held)))
        if (replace(held, metadata=None, rule_set=None) if bare else held) == content:
            return version
    return None


def register(connection: Connection[Any], allowed: ContextScope, subject: Subject, proposal: Proposal) -> Version:
    """The version that has this content: the one that is there, or a new one. Raises `RegistryRefused`, `Forbidden`."""
    if not subject.usable:
        raise invalid_subject(subject)
    rows, rules = SchemaRows(connection, allowed.seen), RuleRows(connection).holding_for(subject)
    content = canonical(rows, subject, proposal, rules)
    there = look_up(rows, subject, content)
    if there is not None and _as_wanted(there, proposal):
        return there
    allowed.must_change(subject)
    schema_writes.take_turns(connection)
    there = look_up(rows, subject, content)  # it may have come while we waited for our turn
    if there is not None and _as_wanted(there, proposal):
        return there
    if lost_schemas.are_lost(connection):
        raise schemas_are_lost()
    rules = RuleRows(connection).holding_for(subject)
    _must_take(subject, proposal, rules)
    if proposal.schema_id is not None:
        return _import(connection, allowed, subject, replace(proposal, content=content))
    version = schema_writes.last_version(connection, subject) + 1
    if proposal.version not in (None, version):
        raise invalid_schema(f"Version {proposal.version} is not one more than the previous version {version - 1}")
    living = rows.versions(subject)
    content = _with_inherited(content, living)
    wrong = incompatibilities(rows, rules, content, living)
    if wrong:
        raise incompatible(subject, wrong)
    stored = schema_writes.stored(connection, content)
    return _add(connection, allowed, audit_trail.REGISTERED, subject, version, stored)


def incompatibilities(rows: SchemaRows, rules: Rules, content: SchemaContent, against: Sequence[Version]) -> list[str]:
    """What the level has against it; empty when nothing. Raises `RegistryRefused` when it is no schema."""
    new = parsed(rows, content)
    group = rules.compatibility_group
    if group is not None:
        wanted = content.properties.get(group)
        against = [one for one in against if one.stored.content.properties.get(group) == wanted]
    level = rules.compatibility
    return [] if level is None else check(level, new, [parsed(rows, one.stored.content) for one in against])


def _must_take(subject: Subject, proposal: Proposal, rules: Rules) -> None:
    if subject.context == DEFAULT and _AN_EVENT_OF_OURS.fullmatch(subject.name):
        raise not_permitted(f"Subject {subject} has the name of an event of this platform: only a deploy registers it")
    if rules.mode in (Mode.READONLY, Mode.READONLY_OVERRIDE):
        raise not_permitted(f"Subject {subject} is in read-only mode")
    if proposal.schema_id is not None and rules.mode != Mode.IMPORT:
        raise not_permitted(f"Subject {subject} is not in import mode")
    if proposal.schema_id is None and rules.mode != Mode.READWRITE:
        raise not_permitted(f"Subject {subject} is not in read-write mode")


def _import(connection: Connection[Any], allowed: ContextScope, subject: Subject, proposal: Proposal) -> Version:
    """Under the numbers it had elsewhere, as long as they mean nothing else here."""
    everywhere = SchemaRows(connection)
    held, known = everywhere.by_any_id(proposal.schema_id or 0), everywhere.by_digest(proposal.content.digest)
    if held is not None and held.content.digest != proposal.content.digest:
        raise not_permitted(f"Overwrite new schema with id {proposal.schema_id} is not permitted.")
    if known is not None and known.id != proposal.schema_id:
        raise not_permitted(f"This schema has the id {known.id} here, and one content has one id.")
    version = proposal.version or schema_writes.last_version(connection, subject) + 1
    if everywhere.version(subject, version, deleted=True) is not None:
        raise not_permitted(f"Subject {subject} has another schema as version {version}")
    stored = schema_writes.stored(connection, proposal.content, proposal.schema_id)
    return _add(connection, allowed, audit_trail.IMPORTED, subject, version, stored)


def _add(
    connection: Connection[Any],
    allowed: ContextScope,
    action: str,
    subject: Subject,
    version: int,
    stored: StoredContent,
) -> Version:
    schema_writes.add_version(connection, subject, version, stored.id)
    written = AuditRows(connection, actor_id=allowed.actor_id, role=allowed.role, tenant_id=allowed.tenant_id)
    written.write(action, str(subject), version=version, schema_id=stored.id)
    return Version(subject=str(subject), version=version, deleted=False, stored=stored)


def _as_wanted(there: Version, proposal: Proposal) -> bool:
    return proposal.schema_id in (None, there.stored.id) and proposal.version in (None, there.version)


def _with_inherited(content: SchemaContent, living: Sequence[Version]) -> SchemaContent:
    """Metadata and rules go on from version to version until somebody brings others."""
    if not living:
        return content
    last = living[-1].stored.content
    return replace(content, metadata=content.metadata or last.metadata, rule_set=content.rule_set or last.rule_set)
