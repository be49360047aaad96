"""Cyrillic that is typed in Latin letters is read as we spell it, whatever the habit of who types."""

import pytest

from sinks.search.words.folded_letters import as_we_spell, folded, in_latin, lowered


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("krasnyj", "красный"),
        ("krasnyy", "красный"),
        ("chyornyy", "чёрный"),
        ("chernyj", "чёрный"),
        ("chay", "чай"),
        ("chaj", "чай"),
        ("siniy", "синий"),
        ("hleb", "хлеб"),
        ("borsch", "борщ"),
        ("shhuka", "щука"),
        ("cvet", "цвет"),
        ("yolka", "ёлка"),
        ("yeda", "еда"),
        ("jubka", "юбка"),
        ("kofejnyj", "кофейный"),
        ("majka", "майка"),
    ],
)
def test_it_is_what_the_text_is_in_latin_letters(typed: str, meant: str) -> None:
    assert as_we_spell(typed, "ru") == in_latin(folded(lowered(meant), "ru"))


@pytest.mark.parametrize(
    ("typed", "language"),
    [("moloko", "ru"), ("moya", "ru"), ("yubka", "ru"), ("чай", "ru"), ("a4", "ru"), ("chay", "en"), ("", "ru")],
)
def test_what_is_spelt_so_already_or_never_meant_so_stays(typed: str, language: str) -> None:
    assert as_we_spell(typed, language) is None
