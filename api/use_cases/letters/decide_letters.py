"""Decides on letters: each is read and locked, decided on by `api.domain.letters`, and what was done is noted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from api.domain import letters as domain
from api.domain.changes import Change
from api.domain.errors import Refused
from api.domain.letters import Buried
from api.store import letters as store
from api.store.unit_of_work import UnitOfWork
from api.use_cases.found import found
from api.use_cases.letters.commands import LetterDiscard, LettersDiscarded, LettersReplayed, LettersSought
from schemas.event_codec import InvalidEvent

#: Letters that are decided on in one transaction at most.
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class RefusedDecision:
    """A letter that is left as it is, and why."""

    id: UUID
    detail: str


@dataclass(frozen=True, slots=True)
class Decided:
    """How many letters, and those that could not be. `more`: there were more than fit; ask again."""

    letters: int
    refused: list[RefusedDecision]
    more: bool


def replay_letter(work: UnitOfWork, letter_id: UUID) -> Buried:
    """The letter as it is from now on. Raises `NotFound`."""
    held = locked(work, letter_id)
    return _decide(work, held, domain.replay(held, work.now))


def discard_letter(work: UnitOfWork, letter_id: UUID, command: LetterDiscard) -> Buried:
    """Raises `NotFound`, `IllegalTransition`."""
    held = locked(work, letter_id)
    return _decide(work, held, domain.discard(held, command.reason, work.now), reason=command.reason)


def replay_letters(work: UnitOfWork, command: LettersReplayed) -> Decided:
    return _decide_many(work, command, lambda held: domain.replay(held, work.now))


def discard_letters(work: UnitOfWork, command: LettersDiscarded) -> Decided:
    reason = command.reason
    return _decide_many(work, command, lambda held: domain.discard(held, reason, work.now), reason=reason)


def locked(work: UnitOfWork, letter_id: UUID) -> Buried:
    """Until the work is done nobody else decides on it. Raises `NotFound`."""
    return found(lambda id_: work.letters.get(id_, lock=True), "letter", letter_id)


def note(work: UnitOfWork, held: Buried, action: store.Action, detail: Mapping[str, Any]) -> None:
    """For whoever asks later who did what."""
    done = store.Done(
        action=action,
        actor_id=work.cause.actor_id,
        at=work.now,
        correlation_id=work.cause.correlation_id,
        detail=detail,
    )
    work.letters.tell(held, done, held.tenant_id)


def _decide(work: UnitOfWork, held: Buried, change: Change[Buried], **detail: Any) -> Buried:
    work.save(work.letters, change)
    note(work, held, "replayed" if change.value.state == "replayed" else "discarded", detail)
    return change.value


def _decide_many(
    work: UnitOfWork, which: LettersSought, decide: Callable[[Buried], Change[Buried]], **detail: Any
) -> Decided:
    """What cannot be decided so is left as it is and named."""
    matching = work.letters.page(which.sought(), None, MOST + 1, lock=True)
    refused: list[RefusedDecision] = []
    for held in matching[:MOST]:
        try:
            _decide(work, held, decide(held), **detail)
        except (Refused, InvalidEvent) as no:
            refused.append(RefusedDecision(held.id, str(no)))
    # What is refused would come first again: then there is no use in asking again.
    more = len(matching) > MOST and len(refused) < MOST
    return Decided(min(len(matching), MOST) - len(refused), refused, more)
