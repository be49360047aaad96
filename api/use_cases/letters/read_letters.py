"""Shows letters: one with what was done about it, a page of them, and by what caused them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from api.domain.letters import Buried
from api.store.letters import Done, Group
from api.store.view import View
from api.use_cases.found import found
from api.use_cases.letters.commands import LetterPageAsked, LettersSought
from api.use_cases.letters.letter_events import Readable, readable
from api.use_cases.pages import Page, page_of

_MOST_GROUPS: Final = 200


@dataclass(frozen=True, slots=True)
class LetterInFull:
    """`edited` is None when it was not."""

    letter: Buried
    original: Readable
    edited: Readable | None
    done: Sequence[Done]


def get_letter(view: View, letter_id: UUID) -> LetterInFull:
    """Raises `NotFound`."""
    held = found(view.letters.get, "letter", letter_id)
    return LetterInFull(
        held,
        original=readable(held.original, view.schema),
        edited=None if held.edited is None else readable(held.edited, view.schema),
        done=view.letters.told(letter_id),
    )


def list_letters(view: View, asked: LetterPageAsked) -> Page[Buried]:
    """Those that failed first first."""
    matching = view.letters.page(asked.sought(), asked.cursor, asked.limit + 1)
    return page_of(matching, asked.limit, lambda letter: letter.id)


def list_groups(view: View, asked: LettersSought) -> Sequence[Group]:
    """The largest first."""
    return view.letters.groups(asked.sought(), _MOST_GROUPS)
