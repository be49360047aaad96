"""Holds the versions of an event, oldest first, and lifts any of them to the newest.

A version is a frozen class. Every version but the first has `from_previous`, which makes it from the one before.
A change of *meaning* is a new event, not a version.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class History:
    """`event_type` is `<aggregate>.<past tense>`; the last of `versions` is what the code speaks today."""

    event_type: str
    versions: tuple[type, ...]

    @property
    def aggregate(self) -> str:
        return self.event_type.partition(".")[0]

    @property
    def newest(self) -> type:
        return self.versions[-1]

    @property
    def newest_version(self) -> int:
        return len(self.versions)

    def upcast(self, event: Any, version: int) -> Any:
        """The newest version of `event`, which is of version `version` (from 1)."""
        for following in self.versions[version:]:
            event = following.from_previous(event)  # type: ignore[attr-defined]  # every version after the first has it
        return event
