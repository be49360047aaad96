"""Decides on letters: read and locked, changed by `api.domain.letters`, and told to whoever asks later."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from api.domain import letters as domain
from api.domain.changes import Change
from api.domain.errors import Forbidden, NotFound, Refused
from api.domain.letters import Buried, Content
from api.http.bodies.letters import LetterEdit, LettersDone, LettersSought, RefusedLetter
from api.store import letters as store
from api.store.store import NO_TENANT
from api.store.unit_of_work import UnitOfWork
from schemas.event_catalogue import history_of
from schemas.event_codec import Decoder, InvalidEvent, NewerThanKnown, Undecodable
from schemas.event_json import differences, to_json

#: Letters that are decided on in one transaction at most.
MOST: Final = 200

Decide = Callable[[Buried], Change[Buried]]
Readable = tuple[dict[str, Any] | None, str | None]


class _Schemas:
    """A `schemas.event_codec.SchemaIds` in the transaction of the request."""

    def __init__(self, text_of: Callable[[int], str | None]) -> None:
        self.text_of = text_of


def found(work: UnitOfWork, letter_id: UUID) -> Buried:
    held = work.letters.get(letter_id, lock=True)
    if held is None:
        raise NotFound("letter", letter_id)
    return held


def decide_one(work: UnitOfWork, held: Buried, change: Change[Buried], **detail: Any) -> Buried:
    """`change.value` is the letter as it is from now on."""
    work.save(work.letters, change)
    _tell(work, held, "replayed" if change.value.state == "replayed" else "discarded", detail)
    return change.value


def decide_many(work: UnitOfWork, which: LettersSought, decide: Decide, **detail: Any) -> LettersDone:
    """What cannot be decided so is left as it is and named."""
    matching = work.letters.page(which.sought(), None, MOST + 1, lock=True)
    refused: list[RefusedLetter] = []
    for held in matching[:MOST]:
        try:
            decide_one(work, held, decide(held), **detail)
        except (Refused, InvalidEvent) as no:
            refused.append(RefusedLetter(id=held.id, detail=str(no)))
    # What is refused would come first again: then there is no use in asking again.
    more = len(matching) > MOST and len(refused) < MOST
    return LettersDone(letters=min(len(matching), MOST) - len(refused), refused=refused, more=more)


def edit(work: UnitOfWork, held: Buried, given: LetterEdit) -> Buried:
    if given.headers and work.tenant_id != NO_TENANT:
        raise Forbidden("Headers say whose a record is: the platform's own people change them.")
    event = domain.edited_event(held, given.event_type, given.event)
    history = history_of(event)
    headers = domain.edited_headers(held, event, history.event_type, history.newest_version, given.headers)
    before, _ = readable(held.content, work.schema)
    fields = ["event"] if before is None else differences(before, to_json(event))
    fields += [f"headers.{name}" for name in given.headers]
    edited = domain.edit(held, work.bytes_of(event), headers, fields, work.cause.actor_id, work.now)
    work.letters.write_edit(edited)
    _tell(work, held, "edited", {"fields": fields})
    return edited


def readable(content: Content, text_of: Callable[[int], str | None]) -> Readable:
    """The event as JSON, or why there is none."""
    if content.value is None:
        return None, "the record has no value"
    try:
        event: dict[str, Any] = to_json(Decoder(_Schemas(text_of)).decode(content.value))
    except (Undecodable, NewerThanKnown) as why:
        return None, str(why)
    return event, None


def _tell(work: UnitOfWork, held: Buried, action: store.Action, detail: Mapping[str, Any]) -> None:
    done = store.Done(
        action=action,
        actor_id=work.cause.actor_id,
        at=work.now,
        correlation_id=work.cause.correlation_id,
        detail=detail,
    )
    work.letters.tell(held, done, held.tenant_id)
