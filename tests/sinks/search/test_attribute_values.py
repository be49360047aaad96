"""A value is counted and chosen by one text, in whatever kind it was said."""

from decimal import Decimal

import pytest

from schemas.events.product import AttributeValue
from sinks.search.attribute_values import counted_as, meant_by, plain


def said(
    text: str | None = None,
    number: str | None = None,
    boolean: bool | None = None,
    texts: tuple[str, ...] | None = None,
) -> AttributeValue:
    return AttributeValue(text=text, number=number, boolean=boolean, texts=texts)


def test_what_reads_alike_is_counted_as_one():
    assert {*counted_as(said(boolean=True)), *counted_as(said(text="true"))} == {"true"}
    assert {*counted_as(said(number="5.0")), *counted_as(said(text="5"))} == {"5"}
    assert counted_as(said(texts=("5", "a", "5"))) == ["5", "a"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("100", "100"),
        ("1E+2", "100"),
        ("3.50", "3.5"),
        ("1E-12", "0.000000000001"),
    ],
)
def test_a_number_is_written_out(number: str, text: str):
    assert plain(Decimal(number)) == text


def test_numbers_that_a_double_takes_for_the_same_are_two():
    assert counted_as(said(number="9007199254740993")) != counted_as(said(number="9007199254740992"))


def test_a_number_is_meant_however_it_is_written_and_a_text_as_it_is():
    assert meant_by(["3.50", "-0", "+7", "1e3", "nan", "٣", "a"]) == [
        "3.50",
        "-0",
        "+7",
        "1e3",
        "nan",
        "٣",
        "a",
        "3.5",
        "0",
        "7",
    ]
