"""Says in our words what must be true of a table of a snapshot, and where it is not, which rows break it.

Great Expectations is asked in its own words by `sinks.quality.great_expectations_run`; nothing else knows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

#: A critical one keeps a snapshot from being certified; a warning is only told.
Severity = Literal["critical", "warning"]
OUTCOMES: Final = ("passed", "failed", "warned")


@dataclass(frozen=True, slots=True)
class NotNull:
    column: str


@dataclass(frozen=True, slots=True)
class Unique:
    columns: Sequence[str]


@dataclass(frozen=True, slots=True)
class OneOf:
    """Where there is a value it is one of these."""

    column: str
    values: Sequence[str]


@dataclass(frozen=True, slots=True)
class NoRows:
    """This SELECT gives none; what it would give are the keys of what is wrong."""

    select: str


Condition = NotNull | Unique | OneOf | NoRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """`meaning` is what is so when it holds, `advice` what to do when it does not. `keys` name a row of its table."""

    name: str
    table: str
    condition: Condition
    meaning: str
    advice: str
    keys: Sequence[str] = ()
    severity: Severity = "critical"

    @property
    def broken(self) -> str:
        """A SELECT of the keys of the rows that break it."""
        keys = ", ".join(self.keys) or "*"
        match self.condition:
            case NotNull(column):
                return f"SELECT {keys} FROM {self.table} WHERE {column} IS NULL"
            case Unique(columns):
                together = ", ".join(columns)
                return f"SELECT {together}, count(*) AS rows FROM {self.table} GROUP BY ALL HAVING count(*) > 1"
            case OneOf(column, values):
                return f"SELECT {keys}, {column} FROM {self.table} WHERE {column} NOT IN ({literals(values)})"
            case NoRows(select):
                return select


def literals(values: Sequence[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
