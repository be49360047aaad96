"""A cursor is good for who asked, for what was asked, and for an hour."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from api.domain.errors import Invalid
from api.use_cases.read_models.search_cursors import LONGEST, SearchCursors
from sinks.search.product_pages import Place, Walk
from sinks.search.word_clauses import Match
from tests.support.examples import MOMENT

CURSORS = SearchCursors("a key for tests, long enough to sign")
SHOP = uuid4()
WALK = Walk(
    id=uuid4(),
    point="o_-7QQEEdHJ5YxZDMTJ1VVgwQVJQT0VzNTJVUXNFZml3",
    opened_at=MOMENT,
    as_of=MOMENT - timedelta(milliseconds=120),
    state="fresh",
    match=Match.LOOSE,
    others=1_000_000,
    asked="0123456789abcdef",
)
PLACE = Place(walk=WALK, number=4, shown=300, after=(11.160228, None, "ålder\x01\U0010f308", 4503599627370496.0, 7))


@pytest.mark.parametrize(
    "place",
    [
        PLACE,
        replace(PLACE, after=()),
        replace(PLACE, walk=replace(WALK, as_of=None, state="building", match=Match.ALL)),
    ],
)
def test_a_cursor_is_read_as_it_was_written(place: Place) -> None:
    assert CURSORS.read(SHOP, "question", CURSORS.written(SHOP, "question", place)) == place


def test_a_cursor_of_another_shop_question_or_key_is_refused() -> None:
    cursor = CURSORS.written(SHOP, "question", PLACE)
    others = SearchCursors("another key for tests, long enough to sign")

    def code(*asked: Any, by: SearchCursors = CURSORS) -> str:
        with pytest.raises(Invalid) as refused:
            by.read(*asked)
        return refused.value.errors[0].code

    assert code(SHOP, "another question", cursor) == "other_question"
    assert code(uuid4(), "question", cursor) == "malformed"
    assert code(SHOP, "question", cursor, by=others) == "malformed"


def test_nobody_makes_a_cursor_up_or_changes_one() -> None:
    cursor = CURSORS.written(SHOP, "question", PLACE)
    plain = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    changed = [plain[:at] + bytes([plain[at] ^ 1]) + plain[at + 1 :] for at in range(len(plain))]
    made_up = [urlsafe_b64encode(one).decode().rstrip("=") for one in changed]

    for one in (*made_up, "", "*", "A", "ü", "[]", cursor[:-4], cursor + "AAAA", "A" * LONGEST):
        with pytest.raises(Invalid) as refused:
            CURSORS.read(SHOP, "question", one)
        assert refused.value.errors[0].code == "malformed"


def test_the_longest_cursor_there_can_be_is_not_too_long() -> None:
    key = "\U0010ff00" * 200 + "\x01" + "\U0010f308" * 60
    place = replace(PLACE, walk=replace(WALK, point="p" * 400), after=(-1e300, key, 2**52))

    assert len(CURSORS.written(SHOP, "question", place)) <= LONGEST
