"""Says what a check has found, and where."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    where: str
    what: str
