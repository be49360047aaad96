from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from api.domain.errors import Invalid
from api.use_cases.read_models.logged_searches import LONGEST_TEXT, hashed_session, kept_text
from api.use_cases.read_models.tell_search_actions import ToldActions, logged_actions

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = b"a key for tests"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Blue\tCHEESE ", "blue cheese"),
        ("Éclair", "éclair"),
        ("ＧＩＭＰ", "gimp"),
        ("\0 \n", ""),
        ("ß" * 300, "s" * LONGEST_TEXT),
    ],
)
def test_words_are_kept_in_small_letters_and_one_space_apart(typed: str, kept: str) -> None:
    assert kept_text(typed) == kept


def test_a_session_is_told_by_a_hash_that_is_another_one_in_another_shop_and_the_next_day() -> None:
    shop = uuid4()

    first = hashed_session(KEY, shop, "visitor-1", NOW)

    assert first == hashed_session(KEY, shop, "visitor-1", NOW + timedelta(hours=11))
    others = {
        hashed_session(KEY, shop, "visitor-2", NOW),
        hashed_session(KEY, uuid4(), "visitor-1", NOW),
        hashed_session(KEY, shop, "visitor-1", NOW + timedelta(hours=12)),
        hashed_session(b"another key", shop, "visitor-1", NOW),
    }
    assert first not in others
    assert len(others) == 4
    assert first is not None
    assert len(first) == 16
    assert hashed_session(KEY, shop, "", NOW) is None


def test_what_is_told_is_noted_with_the_shops_currency_and_the_moment() -> None:
    query, product = uuid4(), uuid4()
    told = ToldActions.model_validate(
        {
            "events": [
                {"type": "click", "query_id": str(query), "product_id": str(product), "position": 3},
                {
                    "type": "conversion",
                    "product_id": str(product),
                    "value_minor": 450,
                    "at": NOW + timedelta(minutes=1),
                },
            ]
        }
    )

    click, bought = logged_actions(told, "EUR", NOW)

    assert (click.kind, click.query_id, click.object_id, click.position) == ("click", query, product, 3)
    assert (click.value_minor, click.currency, click.channel, click.done_at) == (None, None, "v1", NOW)
    assert (bought.value_minor, bought.currency, bought.query_id, bought.done_at) == (450, "EUR", None, NOW)


def test_each_field_that_makes_no_sense_is_named() -> None:
    told = ToldActions.model_validate(
        {
            "events": [
                {"type": "click", "query_id": str(uuid4()), "product_id": str(uuid4())},
                {"type": "view", "product_id": str(uuid4()), "value_minor": 1},
                {"type": "conversion", "product_id": str(uuid4()), "value_minor": 1, "currency": "XXY"},
                {"type": "view", "product_id": str(uuid4()), "at": NOW - timedelta(days=5)},
            ]
        }
    )

    with pytest.raises(Invalid) as refused:
        logged_actions(told, "EUR", NOW)

    assert [error.field for error in refused.value.errors] == [
        "events.0.position",
        "events.1.value_minor",
        "events.2.currency",
        "events.3.at",
    ]
