"""Refuses a question of the audit trail about an act or an actor that no row can have, and says what they look like."""

import re
from typing import Final
from uuid import UUID

from api.domain.audit import WITHOUT_A_PERMISSION, is_act
from api.domain.errors import Invalid
from api.domain.permissions import PERMISSIONS_IN_WORDS

ACTS_IN_WORDS: Final = f"a permission ({PERMISSIONS_IN_WORDS}), {', '.join(sorted(WITHOUT_A_PERMISSION))}"
ACTORS_IN_WORDS: Final = (
    "the id of a user, token:<id> of a program, machine:<name> of the command line, anonymous,"
    " or the sub of an identity provider"
)
_EMAIL: Final = re.compile(r"[^@\s:]+@[^@\s]+")
_TOKEN, _MACHINE = "token:", "machine:"


def require_act(word: str) -> None:
    """Raises `Invalid`, with all acts there are."""
    if not is_act(word):
        raise Invalid.field("act", "unknown_act", f"There is no act {word}. An act is {ACTS_IN_WORDS}.")


def require_actor(word: str) -> None:
    """Raises `Invalid`, with what an actor looks like.

    What an identity provider calls people may be almost anything.
    """
    if _EMAIL.fullmatch(word):
        raise Invalid.field("actor", "not_an_id", "It is an id: GET /v1/users?email= says which.")
    named = word.removeprefix(_MACHINE).strip()
    if not named or not word.isprintable() or (word.startswith(_TOKEN) and not _is_id(word.removeprefix(_TOKEN))):
        raise Invalid.field("actor", "no_actor", f"Nobody is called {word!r}. An actor is {ACTORS_IN_WORDS}.")


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
