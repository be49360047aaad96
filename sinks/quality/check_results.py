"""Says what became of a check: of each expectation whether it holds, and of the whole whether it can be trusted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sinks.quality.expectation import OUTCOMES, Expectation

Outcome = Literal["passed", "failed", "warned"]
#: So many keys of what breaks an expectation are told.
MOST_EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`broken` counts the rows that break it; `examples` are keys of some, as text. `error`: it could not be asked."""

    expectation: Expectation
    outcome: Outcome
    broken: int = 0
    examples: Sequence[Mapping[str, str | None]] = ()
    error: str = ""

    def told(self) -> dict[str, Any]:
        return {
            "expectation": self.expectation.name,
            "table": self.expectation.table,
            "severity": self.expectation.severity,
            "outcome": self.outcome,
            "meaning": self.expectation.meaning,
            "advice": self.expectation.advice,
            "broken": self.broken,
            "examples": [dict(one) for one in self.examples],
            "error": self.error,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """`snapshot` is the name of the file that was checked; `as_of` what it vouched for."""

    model: str
    snapshot: str
    as_of: datetime | None
    checked_at: datetime
    took_s: float
    results: Sequence[Result]

    @property
    def is_sound(self) -> bool:
        """No critical expectation failed."""
        return self.of("failed") == 0

    def of(self, outcome: str) -> int:
        return sum(1 for one in self.results if one.outcome == outcome)

    def told(self, *, all_results: bool = True) -> dict[str, Any]:
        """A JSON document; without `all_results` what passed is only counted."""
        shown = [one for one in self.results if all_results or one.outcome != "passed"]
        return {
            "model": self.model,
            "snapshot": self.snapshot,
            "as_of": None if self.as_of is None else self.as_of.isoformat(),
            "checked_at": self.checked_at.isoformat(),
            "took_s": round(self.took_s, 2),
            "is_sound": self.is_sound,
            **{outcome: self.of(outcome) for outcome in OUTCOMES},
            "results": [one.told() for one in shown],
        }
