"""Shows dead letters: one with what was done about it, a page of them, and by what caused them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from api.domain.dead_letters import StoredDeadLetter
from api.store.dead_letters import Done, Group
from api.store.view import View
from api.use_cases.dead_letters.commands import DeadLetterPageAsked, DeadLettersSought
from api.use_cases.dead_letters.dead_letter_events import Readable, readable
from api.use_cases.pages import Page, read_page
from api.use_cases.require_found import found

_MOST_GROUPS: Final = 200


@dataclass(frozen=True, slots=True)
class DeadLetterInFull:
    """`edited` is None when it was not."""

    dead_letter: StoredDeadLetter
    original: Readable
    edited: Readable | None
    done: Sequence[Done]


def get_dead_letter(view: View, dead_letter_id: UUID) -> DeadLetterInFull:
    """Raises `NotFound`."""
    held = found(view.dead_letters.get, "dead letter", dead_letter_id)
    return DeadLetterInFull(
        held,
        original=readable(held.original, view.schema),
        edited=None if held.edited is None else readable(held.edited, view.schema),
        done=view.dead_letters.told(dead_letter_id),
    )


def list_dead_letters(view: View, asked: DeadLetterPageAsked) -> Page[StoredDeadLetter]:
    """Raises `Invalid` for a cursor of another question."""
    return read_page(asked, view.dead_letters.page)


def list_groups(view: View, asked: DeadLettersSought) -> Sequence[Group]:
    """The largest first."""
    return view.dead_letters.groups(asked.sought, _MOST_GROUPS)
