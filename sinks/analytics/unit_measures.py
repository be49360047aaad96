"""Says in SQL what quantities are in the base unit of their measure, exactly, and how many items a line counts as."""

from typing import Final

from schemas.units import BASE_UNITS, NUMBER, PIECE, UNITS

#: Wide enough for any quantity of any unit: nothing is rounded, and nothing overflows.
EXACT: Final = "DECIMAL(38, 12)"


def in_base_units(quantity: str, unit: str, measure: str) -> str:
    """Of a BIGINT: 2 of `100 g` are 200. NULL where nobody knows the measure."""
    named = f"regexp_replace({unit}, '^{NUMBER} ', '')"
    # DuckDB keeps a product of two that have at most 18 digits to 18 digits.
    number = f"coalesce(nullif(regexp_extract({unit}, '^({NUMBER}) ', 1), '')::DECIMAL(19, 3), 1)"
    factors = " ".join(f"WHEN '{name}' THEN {of.factor}::DECIMAL(13, 9)" for name, of in UNITS.items())
    return f"""CASE WHEN {unit} = '{PIECE}' THEN {quantity}::{EXACT} WHEN {measure} IS NOT NULL
               THEN ({quantity}::DECIMAL(19, 0) * ({number} * (CASE {named} {factors} END))::DECIMAL(19, 12))::{EXACT}
               END"""


def items(quantity: str, measure: str) -> str:
    """Pieces, and one of whatever is measured and not counted: 500 g of cheese, a filling of petrol."""
    return f"CASE WHEN {measure} = 'count' THEN {quantity} WHEN {quantity} > 0 THEN 1 ELSE 0 END"


def base_unit(measure: str) -> str:
    told = " ".join(f"WHEN '{of}' THEN '{name}'" for of, name in BASE_UNITS.items())
    return f"CASE {measure} {told} END"
