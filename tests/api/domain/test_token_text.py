import re
from uuid import uuid4

import pytest

from api.domain.token_text import PREFIX, TokenKind, TokenText


@pytest.mark.parametrize(("kind", "prefix"), [(TokenKind.SERVICE, "rtk_live_"), (TokenKind.SEARCH, "rtk_pub_")])
def test_a_token_is_read_as_what_was_written(kind: TokenKind, prefix: str) -> None:
    made = TokenText.new(kind, uuid4())

    assert made.text.startswith(prefix)
    assert made.text.startswith(PREFIX)
    assert re.fullmatch(r"[0-9A-Za-z_]+", made.text)
    assert TokenText.read(made.text) == made
    assert made.text.endswith(made.ending)


def test_every_slip_of_a_key_is_noticed() -> None:
    text = TokenText.new(TokenKind.SERVICE, uuid4()).text

    for at, letter in enumerate(text):
        slipped = text[:at] + ("x" if letter != "x" else "y") + text[at + 1 :]
        assert TokenText.read(slipped) is None
    for other in (text[:-1], text + "0", text.upper(), text[1:], "", f" {text}", f"{text}\n"):
        assert TokenText.read(other) is None


def test_two_letters_that_changed_places_are_noticed() -> None:
    text = TokenText.new(TokenKind.SERVICE, uuid4()).text
    swapped = [text[:at] + text[at + 1] + text[at] + text[at + 2 :] for at in range(len(text) - 1)]

    assert [one for one in swapped if one != text and TokenText.read(one) is not None] == []


def test_only_a_hash_is_needed_to_know_it_again() -> None:
    made, other = (TokenText.new(TokenKind.SERVICE, uuid4()) for _ in range(2))

    assert made.has(made.hash)
    assert not other.has(made.hash)
    assert made.secret.encode() not in made.hash
    assert made.secret != other.secret
