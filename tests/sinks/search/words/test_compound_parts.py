"""A compound is found by its words: each row is one, and what it is put together of."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.search.search_languages import COMPOUNDED
from sinks.search.words.compound_parts import halves_of, parts_of_compound


def parts(text: str, language: str) -> list[str]:
    return [part.text for part in parts_of_compound(text, language)]


@pytest.mark.parametrize(
    ("compound", "language", "made_of"),
    [
        ("Schneidebrett", "de", ["schneide", "brett"]),
        ("Tabellenkalkulation", "de", ["tabellen", "kalkulation"]),
        ("Geburtstagskarte", "de", ["geburtstags", "karte"]),
        ("Zeitungsständer", "de", ["zeitungs", "ständer"]),
        ("Schulheft", "de", ["schul", "heft"]),
        ("Kirschkuchen", "de", ["kirsch", "kuchen"]),
        ("Rostbratwürste", "de", ["rost", "bratwürste", "brat", "würste"]),
        ("Räucherlachs", "de", ["räucher", "lachs"]),
        ("Olivenöl", "de", ["oliven", "öl"]),
        ("Langkornreis", "de", ["langkorn", "reis"]),
        ("Katzenfutter", "de", ["katzen", "futter"]),
        ("snijplank", "nl", ["snij", "plank"]),
        ("tuinslang", "nl", ["tuin", "slang"]),
        ("zonnebril", "nl", ["zon", "bril"]),
        ("skrivbordslampa", "sv", ["skriv", "bordslampa", "skrivbords", "lampa"]),
        ("trädgårdsslang", "sv", ["trädgårds", "slang"]),
    ],
)
def test_it_is_put_together_of(compound: str, language: str, made_of: list[str]) -> None:
    found = parts(compound, language)

    assert [one for one in made_of if one not in found] == []


@pytest.mark.parametrize(
    ("word", "language"),
    [
        *((word, "de") for word in (
            "Kartoffel", "Schraube", "Spiegel", "Teppich", "Matratze", "Kommode", "Pullover", "Spaghetti", "Tablette",
            "Kleidung", "Material", "Schokolade", "Kalender", "Vorstand", "Gesellschaft", "Freundschaft", "Wohnung",
            "natürlich", "Ketchup", "Basilikum",
        )),
        *((word, "nl") for word in ("banaan", "kalender", "televisie", "katoenen", "bestellen")),
        *((word, "sv") for word in ("tallrik", "choklad", "apelsin", "strumpor", "gardin")),
        ("toothbrush", "en"), ("T-Shirt", "de"), ("500ml", "de"), ("", "de"), ("京都", "de"),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_compound_is_none(word: str, language: str) -> None:
    assert parts(word, language) == []


def test_what_is_a_kind_of_something_is_one_of_what_that_is_a_kind_of() -> None:
    assert {"frischkäse", "käse"} <= set(parts("Ziegenfrischkäse", "de"))
    assert "milch" not in parts("Vollmilchschokolade", "de")


def test_an_s_between_two_words_belongs_to_that_which_is_a_compound_itself() -> None:
    assert "slampa" not in parts("skrivbordslampa", "sv")
    assert "lang" not in parts("tuinslang", "nl")


def test_case_and_the_way_that_accents_are_written_do_not_count() -> None:
    as_parts = parts("Zahnbürste", "de")

    assert as_parts == parts("ZAHNBÜRSTE", "de") == parts(unicodedata.normalize("NFD", "Zahnbürste"), "de")


@given(st.text(max_size=80), st.sampled_from(COMPOUNDED))
def test_whatever_is_written_its_parts_stand_in_it(text: str, language: str) -> None:
    for part in parts_of_compound(text, language):
        assert 0 <= part.start < part.end <= len(unicodedata.normalize("NFC", text))


def test_a_long_row_of_compounds_is_read_in_no_time() -> None:
    """Nothing is tried that was not tried before: it is a question of milliseconds, or else of hours."""
    assert len(halves_of("apfelsaft" * 4, "de")) < 40
    assert halves_of("apfelsaft" * 7, "de") == ()
