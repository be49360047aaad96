"""A unit says what it measures and how much of the base unit it is, exactly; what is on no list measures nothing."""

from decimal import Decimal

import pytest

from schemas.units import BASE_UNITS, UNITS, UnitOfMeasure, measure_of, unit_of


@pytest.mark.parametrize(
    ("written", "measure", "factor"),
    [
        ("piece", "count", "1"),
        ("kg", "mass", "1000"),
        ("100 g", "mass", "100"),
        ("0.001 gal", "volume", "3.785411784"),
        ("0.75 l", "volume", "750"),
        ("m2", "area", "1"),
        ("hour", "time", "60"),
    ],
)
def test_a_unit_is_one_of_the_list_or_a_number_of_one(written: str, measure: str, factor: str) -> None:
    found = unit_of(written)

    assert found is not None
    assert (found.measure, found.factor) == (measure, Decimal(factor))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "crate",
        "KG",
        "12 piece",
        "0 kg",
        "0.000 kg",
        "1000 g",
        "0.0001 kg",
        "-1 kg",
        "1e2 g",
        "1  kg",
        "kg\n",
    ],
)
def test_anything_else_measures_nothing(written: str) -> None:
    assert measure_of(written) is None


def test_each_measure_has_one_base_unit() -> None:
    bases = [name for name, unit in UNITS.items() if unit.factor == 1]

    assert sorted(bases) == sorted(BASE_UNITS.values())
    assert {unit.measure for unit in UNITS.values()} == BASE_UNITS.keys()


def test_no_unit_has_more_digits_than_figures_keep() -> None:
    assert all(_fits(unit) for unit in UNITS.values())


def _fits(unit: UnitOfMeasure) -> bool:
    return unit.factor < 10**4 and unit.factor == round(unit.factor, 9)
