"""Decides about a dead letter: that its feed tries it again, as it was or edited, or that it is given up.

Trying again never harms, whatever became of the dead letter meanwhile: read models take a version once. What is applied
needs no other decision.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from api.domain import event_rules
from api.domain.changes import DatedEvent, Decision
from api.domain.errors import Forbidden, IllegalTransition, Invalid
from schemas import outbox_row
from schemas.envelope import MalformedHeaders, from_headers
from schemas.event_catalogue import BY_TYPE
from schemas.event_json import NotReadable, from_json
from schemas.events.dead_letter import DeadLetter, DeadLetterDiscarded, DeadLetterReplayed, RecordHeader
from schemas.topics import of_aggregate

State = Literal["open", "replayed", "applied", "discarded"]
Headers = tuple[tuple[str, bytes | None], ...]

EDITED_BY: Final = "rustok_edited_by"
EDITED_AT: Final = "rustok_edited_at"
EDITED_FIELDS: Final = "rustok_edited_fields"
_EDITED: Final = frozenset({EDITED_BY, EDITED_AT, EDITED_FIELDS})
_HEADERS: Final = frozenset(name for name, _ in outbox_row.HEADERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a feed gets to read."""

    key: bytes | None
    value: bytes | None
    headers: Headers

    def header(self, name: str) -> str | None:
        found = next((value for of, value in reversed(self.headers) if of == name), None)
        return None if found is None else found.decode(errors="replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDeadLetter:
    """A dead letter as it is held. `version` counts decisions that left: replays and discards."""

    id: UUID
    tenant_id: UUID | None
    feed: str
    topic: str
    partition: int
    offset: int
    original: Content
    edited: Content | None
    committed_at: datetime
    parked: bool
    event_type: str
    error: str
    reason: str
    pattern: str
    cause: str
    attempts: int
    first_failed_at: datetime
    last_failed_at: datetime
    state: State
    version: int

    @property
    def content(self) -> Content:
        """What is tried next."""
        return self.original if self.edited is None else self.edited


def replay(held: StoredDeadLetter, now: datetime) -> Decision[StoredDeadLetter]:
    content = held.content
    dead_letter = DeadLetter(
        id=held.id,
        feed=held.feed,
        topic=held.topic,
        partition=held.partition,
        offset=held.offset,
        key=content.key,
        value=content.value,
        headers=tuple(RecordHeader(name=name, value=value) for name, value in content.headers),
        committed_ms=_ms(held.committed_at),
        attempts=held.attempts,
        first_failed_ms=_ms(held.first_failed_at),
    )
    return _decided(held, "replayed", DeadLetterReplayed(dead_letter=dead_letter), now)


def discard(held: StoredDeadLetter, reason: str, now: datetime) -> Decision[StoredDeadLetter]:
    if held.state == "applied":
        raise IllegalTransition("dead letter", held.state, "discarded")
    return _decided(held, "discarded", DeadLetterDiscarded(dead_letter_id=held.id, feed=held.feed, reason=reason), now)


def edited_event(held: StoredDeadLetter, event_type: str | None, given: Any) -> Any:
    """The event somebody wrote, of its newest version; the dead letter keeps its aggregate."""
    if held.state == "applied":
        raise IllegalTransition("dead letter", held.state, "edited")
    wanted = event_type or held.content.header("ce_type") or ""
    history = BY_TYPE.get(wanted)
    if history is None or of_aggregate(history.aggregate) != held.topic:
        says = f"{wanted} is no event of {held.topic}." if wanted else f"Say which event of {held.topic} it is."
        raise Invalid.field("event_type", "unknown_event", says)
    try:
        event = from_json(history.newest, given)
    except NotReadable as wrong:
        raise Invalid.field(f"event.{wrong.path}".rstrip("."), "not_readable", f"{wrong}.") from wrong
    if not history.event_type.endswith(".deleted"):  # of what is gone nothing is shown any more
        event_rules.require(history.aggregate, event)
    return event


def edited_headers(
    held: StoredDeadLetter, event: Any, event_type: str, version: int, changes: dict[str, str]
) -> Headers:
    """The headers that go with the edited event: its own id and aggregate as before, or as `changes` say."""
    unknown = sorted(changes.keys() - _HEADERS)
    if unknown:
        raise Invalid.field(f"headers.{unknown[0]}", "unknown_header", f"{unknown[0]} is no header of an event.")
    new = changes | {"ce_type": event_type, "ce_schemaversion": str(version)}
    if "ce_aggregateid" in new:
        new["ce_subject"] = new["ce_aggregateid"]
    kept = [(name, value) for name, value in held.content.headers if name not in new and name not in _EDITED]
    headers = (*kept, *((name, text.encode()) for name, text in new.items()))
    try:
        envelope = from_headers(headers)
    except MalformedHeaders as wrong:
        raise Invalid.field("headers", "malformed_headers", f"{wrong}.") from wrong
    aggregate = getattr(event, BY_TYPE[event_type].aggregate)
    if aggregate.id != envelope.aggregate_id:
        raise Invalid.field("event", "another_aggregate", f"The dead letter is about {envelope.aggregate_id}.")
    if held.tenant_id is not None and envelope.tenant_id != held.tenant_id:
        raise Forbidden("A dead letter stays with its shop.")
    return headers


def edit(
    held: StoredDeadLetter, value: bytes, headers: Headers, fields: list[str], actor_id: str, now: datetime
) -> StoredDeadLetter:
    """`fields` are the paths that changed."""
    told = ((EDITED_BY, actor_id), (EDITED_AT, now.isoformat()), (EDITED_FIELDS, ",".join(fields)[:2000]))
    content = Content(
        key=str(from_headers(headers).aggregate_id).encode(),
        value=value,
        headers=(*headers, *((name, text.encode()) for name, text in told)),
    )
    return replace(held, edited=content)


def _decided(
    held: StoredDeadLetter, state: State, event: DeadLetterReplayed | DeadLetterDiscarded, now: datetime
) -> Decision[StoredDeadLetter]:
    return Decision(
        aggregate_id=held.id,
        value=replace(held, state=state, version=held.version + 1),
        happened=(DatedEvent(event, now),),
        was_at=held.version,
    )


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
