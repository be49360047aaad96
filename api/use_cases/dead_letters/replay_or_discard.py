"""Decides on dead letters: each is read and locked, decided on by the domain, and what was done is noted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from api.domain import dead_letters as domain
from api.domain.changes import Decision
from api.domain.dead_letters import StoredDeadLetter
from api.domain.errors import Refused
from api.store import dead_letters as store
from api.store.list_pages import PageWanted
from api.store.unit_of_work import UnitOfWork
from api.use_cases.dead_letters.commands import (
    DeadLetterDiscard,
    DeadLettersDiscarded,
    DeadLettersReplayed,
    DeadLettersSought,
)
from api.use_cases.require_found import found
from schemas.event_codec import InvalidEvent

#: Dead letters that are decided on in one transaction at most.
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class RefusedDecision:
    """A dead letter that is left as it is, and why."""

    id: UUID
    detail: str


@dataclass(frozen=True, slots=True)
class Decided:
    """How many dead letters, and those that could not be. `more`: there were more than fit; ask again."""

    dead_letters: int
    refused: list[RefusedDecision]
    more: bool


def replay_dead_letter(work: UnitOfWork, dead_letter_id: UUID) -> StoredDeadLetter:
    """The dead letter as it is from now on. Raises `NotFound`."""
    held = locked(work, dead_letter_id)
    return _decide(work, held, domain.replay(held, work.now))


def discard_dead_letter(work: UnitOfWork, dead_letter_id: UUID, command: DeadLetterDiscard) -> StoredDeadLetter:
    """Raises `NotFound`, `IllegalTransition`."""
    held = locked(work, dead_letter_id)
    return _decide(work, held, domain.discard(held, command.reason, work.now), reason=command.reason)


def replay_dead_letters(work: UnitOfWork, command: DeadLettersReplayed) -> Decided:
    return _decide_many(work, command, lambda held: domain.replay(held, work.now))


def discard_dead_letters(work: UnitOfWork, command: DeadLettersDiscarded) -> Decided:
    reason = command.reason
    return _decide_many(work, command, lambda held: domain.discard(held, reason, work.now), reason=reason)


def locked(work: UnitOfWork, dead_letter_id: UUID) -> StoredDeadLetter:
    """Until the work is done nobody else decides on it. Raises `NotFound`."""
    held = found(lambda id_: work.dead_letters.get(id_, lock=True), "dead letter", dead_letter_id)
    work.concerns(held.tenant_id)
    return held


def note(work: UnitOfWork, held: StoredDeadLetter, action: store.Action, detail: Mapping[str, Any]) -> None:
    """For whoever asks later who did what."""
    done = store.Done(
        action=action,
        actor_id=work.cause.actor_id,
        at=work.now,
        correlation_id=work.cause.correlation_id,
        detail=detail,
    )
    work.dead_letters.tell(held, done, held.tenant_id)


def _decide(
    work: UnitOfWork, held: StoredDeadLetter, change: Decision[StoredDeadLetter], **detail: Any
) -> StoredDeadLetter:
    work.save(work.dead_letters, change)
    note(work, held, "replayed" if change.value.state == "replayed" else "discarded", detail)
    return change.value


def _decide_many(
    work: UnitOfWork,
    which: DeadLettersSought,
    decide: Callable[[StoredDeadLetter], Decision[StoredDeadLetter]],
    **detail: Any,
) -> Decided:
    """What cannot be decided so is left as it is and named."""
    wanted = PageWanted(sort="oldest", limit=MOST + 1, filters=which.sought)
    matching = work.dead_letters.page(wanted, lock=True)
    refused: list[RefusedDecision] = []
    for held in matching[:MOST]:
        try:
            _decide(work, held, decide(held), **detail)
        except (Refused, InvalidEvent) as no:
            refused.append(RefusedDecision(held.id, str(no)))
    # What is refused would come first again: then there is no use in asking again.
    more = len(matching) > MOST and len(refused) < MOST
    return Decided(min(len(matching), MOST) - len(refused), refused, more)
