"""Writes what the feed is to try instead of a dead letter's record; the original stays."""

from uuid import UUID

from api.domain import dead_letters as domain
from api.domain.dead_letters import StoredDeadLetter
from api.domain.errors import Forbidden
from api.store.unit_of_work import UnitOfWork
from api.use_cases.dead_letters.commands import DeadLetterEdit
from api.use_cases.dead_letters.dead_letter_events import readable
from api.use_cases.dead_letters.replay_or_discard import locked, note
from schemas.event_catalogue import history_of
from schemas.event_json import differences, to_json


def edit_dead_letter(work: UnitOfWork, dead_letter_id: UUID, command: DeadLetterEdit) -> StoredDeadLetter:
    """Raises `NotFound`, `IllegalTransition`, `Invalid`, and `Forbidden` for headers this actor may not change."""
    held = locked(work, dead_letter_id)
    if command.headers and work.access.tenant is not None:
        raise Forbidden("Headers say whose a record is: the platform's own people change them.")
    event = domain.edited_event(held, command.event_type, command.event)
    history = history_of(event)
    headers = domain.edited_headers(held, event, history.event_type, history.newest_version, command.headers)
    before, _ = readable(held.content, work.schema)
    fields = ["event"] if before is None else differences(before, to_json(event))
    fields += [f"headers.{name}" for name in command.headers]
    edited = domain.edit(held, work.bytes_of(event), headers, fields, work.cause.actor_id, work.now)
    work.dead_letters.write_edit(edited)
    note(work, held, "edited", {"fields": fields})
    return edited
