"""Lists what has to be done again and again: each room declares its own through the entry points `rustok.jobs`."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Final

from ops.settings import Settings

GROUP: Final = "rustok.jobs"


@dataclass(frozen=True, slots=True)
class Job:
    """`every_s` is the time between two turns, 0 for never; `turn` may raise whatever it wants: it gets another."""

    name: str
    every_s: Callable[[Settings], float]
    turn: Callable[[Settings], None]


def all_jobs() -> list[Job]:
    return [entry.load() for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name)]
