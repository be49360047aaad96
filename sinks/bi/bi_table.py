"""Describes a table for BI tools: which figures of a snapshot are in it, under which names, and what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sinks.read_model import ReadModel

Type = Literal["uuid", "text", "date", "bigint", "boolean", "timestamptz"]
SCHEMA: Final = "bi"


@dataclass(frozen=True, slots=True)
class Column:
    type: Type
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BiTable:
    """A row for each `key`. `select` gives the columns in their order, out of a snapshot of `model`.

    `slice` is what is written together: where any row of it is another one, all of them are written.
    """

    name: str
    grain: str
    model: ReadModel
    columns: Mapping[str, Column]
    select: str
    key: tuple[str, ...]
    slice: tuple[str, ...]

    @property
    def place(self) -> str:
        """Where it is in PostgreSQL."""
        return f"{SCHEMA}.{self.name}"
