"""Tells which sums differ between the tables and what readers see, as the result of an expectation."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sinks.quality.check_results import MOST_EXAMPLES, Outcome, Result
from sinks.quality.expectation import Expectation


def difference(held: Any, told: Any, unseen: str, unknown: str) -> str:
    """Of two of one dataclass. `unseen`: the words for one that readers do not see, `unknown`: that the tables lack."""
    if held is None or told is None:
        return unseen if held is None else unknown
    names = (field.name for field in fields(held))
    return "; ".join(
        f"{name} {getattr(held, name)}, in PostgreSQL {getattr(told, name)}"
        for name in names
        if getattr(held, name) != getattr(told, name)
    )


def result(expectation: Expectation, outcome: Outcome, found: Mapping[Any, str]) -> Result:
    """Passed where nothing is found, else `outcome`. The keys are of a dataclass that is ordered; a month is told
    without its day.
    """
    if not found:
        return Result(expectation=expectation, outcome="passed")
    return Result(
        expectation=expectation,
        outcome=outcome,
        broken=len(found),
        examples=[{**_named(one), "is": why} for one, why in sorted(found.items())[:MOST_EXAMPLES]],
    )


def _named(one: Any) -> dict[str, str]:
    values = {field.name: getattr(one, field.name) for field in fields(one)}
    return {name: f"{value:%Y-%m}" if name == "month" else str(value) for name, value in values.items()}
