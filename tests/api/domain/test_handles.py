import unicodedata
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.handles import LONGEST, LONGEST_BYTES, made_handle, slug_of

ID = UUID("0197a000-0000-7000-8000-0123456789ab")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Crème brûlée, 2 pack", "creme-brulee-2-pack"),
        ("Tiếng Việt", "tieng-viet"),
        ("İstanbul", "istanbul"),
        ("straße", "straße"),
        ("Чайник", "чайник"),
        ("Ёлка", "ёлка"),
        ("हिन्दी", "हिन्दी"),
        ("ไทย", "ไทย"),
        ("ガス", "ガス"),
        ("ｶﾞｽ", "ガス"),
        ("カス", "カス"),
        ("한국어", "한국어"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("שָׁלוֹם", "שָׁלוֹם"),
        ("gobjc++-11", "gobjc-11"),
        ("10/20", "10-20"),
        ("snake_case", "snake-case"),
        ("soft\u00adhyphen", "softhyphen"),
        ("1\ufe0f\u20e3", "1"),
        ("!!!", ""),
        ("🧀", ""),
    ],
)
def test_letters_stay_those_of_their_script_and_only_latin_loses_accents(title: str, expected: str) -> None:
    assert slug_of(title) == unicodedata.normalize("NFC", expected)


def test_a_made_handle_ends_in_what_makes_it_unique() -> None:
    assert made_handle(ID, "Blue cheese") == made_handle(ID, "Blue cheese")
    assert made_handle(ID, "Blue cheese").rpartition("-")[0] == "blue-cheese"
    assert made_handle(ID, "gobjc++-11") != made_handle(uuid4(), "gobjc-11")


def test_what_has_no_letters_is_named_by_its_next_text_or_by_its_pictures() -> None:
    assert made_handle(ID, "!!!", "SKU 12").startswith("sku-12-")
    assert made_handle(ID, "🧀🍷", "!").startswith("cheese-wedge-wine-glass-")
    assert len(made_handle(ID, "!!!")) == 8


@given(st.text(), st.text(), st.uuids())
def test_a_handle_is_always_an_address(title: str, sku: str, id_: UUID) -> None:
    made = made_handle(id_, title, sku)

    assert 8 <= len(made) <= LONGEST
    assert len(made.encode()) <= LONGEST_BYTES
    assert not set(made) & set(" /?#%&\0")
    assert made == unicodedata.normalize("NFC", made)
    assert not unicodedata.category(made[0]).startswith("M")


@given(st.sampled_from(["हि", "क्\u200dष", "ñ́", "б̆"]), st.integers(1, 300))
def test_a_long_handle_is_not_cut_inside_of_a_letter(letter: str, times: int) -> None:
    whole = slug_of(letter)

    kept = made_handle(ID, letter * times).rpartition("-")[0]

    assert kept == whole * (len(kept) // len(whole))
