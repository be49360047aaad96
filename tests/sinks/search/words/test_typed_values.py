"""A value of a facet is found by the beginnings of its words, and by its signs where nothing else is typed."""

import pytest

from sinks.search.words.typed_values import begun_in, typed_words

VALUES = ("Verde", "c", "c#", "c++", "🙂 Happy", "Rock & Roll", "T-Shirt", "50 %", "Été")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ver", ["Verde"]),
        ("ete", ["Été"]),
        ("c", ["c", "c#", "c++"]),
        ("c+", ["c++"]),
        ("C#", ["c#"]),
        ("🙂", ["🙂 Happy"]),
        ("🙂 hap", ["🙂 Happy"]),
        ("&", ["Rock & Roll"]),
        ("rock and", []),
        ("rock & r", ["Rock & Roll"]),
        ("t-s", ["T-Shirt"]),
        ("%", ["50 %"]),
        ("🔥", []),
        ("🙂 🔥", []),
        (" ", list(VALUES)),
        ("", list(VALUES)),
    ],
)
def test_it_finds_those_and_no_others(typed: str, found: list[str]) -> None:
    assert [value for value in VALUES if begun_in(value, typed_words(typed)) is not None] == found


def test_found_signs_are_marked() -> None:
    assert begun_in("🙂 Happy 🙂", typed_words("🙂")) == [(0, 1), (8, 9)]
