from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.use_cases.product_files.written_measures import GRAMS, MILLIMETRES, UnreadableMeasure, whole_units


@pytest.mark.parametrize(
    ("written", "unit", "whole"),
    [
        ("0.5", GRAMS["kg"], 500),
        ("0,5", GRAMS["kg"], 500),
        (".5", GRAMS["kg"], 500),
        ("1200", GRAMS["g"], 1200),
        ("1200.0", GRAMS["g"], 1200),
        ("0.5", GRAMS["g"], 1),
        ("0.0001", GRAMS["g"], 1),
        ("2.5", GRAMS["g"], 3),
        ("1", GRAMS["lbs"], 454),
        ("1", GRAMS["oz"], 28),
        ("10", MILLIMETRES["in"], 254),
        ("", GRAMS["g"], None),
        ("0.0", GRAMS["kg"], None),
    ],
)
def test_measures_are_read_in_whole_units(written: str, unit: Decimal, whole: int | None) -> None:
    assert whole_units(written, unit, 10_000) == whole


@pytest.mark.parametrize("written", ["1.234,5", "-1", "heavy", "1e3", ".", "10001", "١", "9" * 400])
def test_what_is_no_measure_is_told(written: str) -> None:
    with pytest.raises(UnreadableMeasure):
        whole_units(written, GRAMS["g"], 10_000)


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading(written: str) -> None:
    try:
        whole = whole_units(written, GRAMS["lbs"], 10_000)
    except UnreadableMeasure:
        return
    assert whole is None or 1 <= whole <= 10_000
