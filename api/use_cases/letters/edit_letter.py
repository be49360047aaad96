"""Writes what the feed is to try instead of a letter's record; the original stays."""

from uuid import UUID

from api.domain import letters as domain
from api.domain.errors import Forbidden
from api.domain.letters import Buried
from api.store.unit_of_work import UnitOfWork
from api.use_cases.letters.commands import LetterEdit
from api.use_cases.letters.decide_letters import locked, note
from api.use_cases.letters.letter_events import readable
from schemas.event_catalogue import history_of
from schemas.event_json import differences, to_json


def edit_letter(work: UnitOfWork, letter_id: UUID, command: LetterEdit) -> Buried:
    """Raises `NotFound`, `IllegalTransition`, `Invalid`, and `Forbidden` for headers this actor may not change."""
    held = locked(work, letter_id)
    if command.headers and work.access.tenant is not None:
        raise Forbidden("Headers say whose a record is: the platform's own people change them.")
    event = domain.edited_event(held, command.event_type, command.event)
    history = history_of(event)
    headers = domain.edited_headers(held, event, history.event_type, history.newest_version, command.headers)
    before, _ = readable(held.content, work.schema)
    fields = ["event"] if before is None else differences(before, to_json(event))
    fields += [f"headers.{name}" for name in command.headers]
    edited = domain.edit(held, work.bytes_of(event), headers, fields, work.cause.actor_id, work.now)
    work.letters.write_edit(edited)
    note(work, held, "edited", {"fields": fields})
    return edited
