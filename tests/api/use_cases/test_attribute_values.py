import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api.store.product_facts import read_typed, typed_row
from api.use_cases.fields import AS_STORED
from api.use_cases.products.attribute_values import Attributes, plain_attributes, typed
from schemas.product_attributes import attribute_texts
from schemas.product_words import distinct_words

READ: TypeAdapter[Any] = TypeAdapter(Attributes)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20).map(str.strip)
TEXTS = WORDS.filter(bool)
NUMBERS = st.decimals(-(10**17), 10**17, allow_nan=False, allow_infinity=False, places=3).map(lambda n: f"{n:f}")
VALUES = st.one_of(
    TEXTS, st.booleans(), st.lists(TEXTS, min_size=1, max_size=5), NUMBERS.map(lambda number: {"number": number})
)
NAMES = TEXTS.filter(lambda name: ":" not in name)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_attributes_come_back_as_they_were_written_through_body_event_and_table(written: dict[str, Any]) -> None:
    values = typed(READ.validate_json(json.dumps(written)))
    stored = json.loads(json.dumps([attribute_texts(values), typed_row(values)]))

    again = read_typed(*stored)

    assert again == values
    assert plain_attributes(again) == written
    assert typed(plain_attributes(again)) == values


@pytest.mark.parametrize(
    "wrong",
    [
        5,
        1.5,
        None,
        "",
        [],
        ["a", ""],
        ["a", 1],
        {"number": 1.5},
        {"number": "1e3"},
        {"number": "01"},
        {"number": "1."},
        {},
    ],
)
def test_what_is_no_attribute_is_refused_by_its_name(wrong: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        READ.validate_json(json.dumps({"fat": wrong}))

    assert {error["loc"][0] for error in refused.value.errors()} == {"fat"}


def test_a_name_has_no_colon_and_a_value_may() -> None:
    with pytest.raises(ValidationError) as refused:
        READ.validate_python({"a:b": "c"})

    assert [error["type"] for error in refused.value.errors()] == ["colon_in_name"]
    assert READ.validate_python({"a": "b:c"}) == {"a": "b:c"}


def test_a_name_with_a_colon_that_is_there_already_is_said_as_it_is() -> None:
    assert READ.validate_python({"a:b": "c"}, context=AS_STORED) == {"a:b": "c"}


def test_an_attribute_that_an_older_version_rewrote_is_the_text_it_wrote() -> None:
    values = typed({"organic": True, "fat": {"number": "3.5"}, "made_in": "Turin"})

    again = read_typed({"organic": "no", "fat": "3.5"}, typed_row(values))

    assert plain_attributes(again) == {"organic": "no", "fat": {"number": "3.5"}}


def test_words_are_the_same_whatever_their_case_and_keep_how_they_were_written_first() -> None:
    assert distinct_words(["Rye", "dark", "rye ", "DARK", "STRASSE", "straße"]) == ("Rye", "dark", "STRASSE")
