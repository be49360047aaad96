"""Declares what each table, topic, index and kind of file grows by, who removes what of it, and what bounds it.

Each room declares its own through the entry points `rustok.growth`; `docs/growth.md` is rendered from all of them, and
tests compare them with what there is: a new table has to say here who prunes it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Final, Literal

GROUP: Final = "rustok.growth"

Kind = Literal["table", "topic", "index", "file"]
#: `fixed`: it does not grow with the business. `state`: as much as there is now of what it is about. `time`: nothing is
#: older than a setting or a declaration says. `size`: no larger than that. `forever`: with the business, and all stays.
Bound = Literal["fixed", "state", "time", "size", "forever"]
#: `job` of the scheduler, one of our `process`es, a `server`, or an operator by `hand`.
By = Literal["job", "process", "server", "hand"]


@dataclass(frozen=True, slots=True)
class Pruner:
    """`name`: of the job, the process or the server; of what is done by hand, the command."""

    by: By
    name: str

    def __str__(self) -> str:
        return {"job": f"job `{self.name}`", "hand": f"by hand: {self.name}"}.get(self.by, f"`{self.name}`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """`names`: tables, topics, indices, or patterns of files below the folder of a stack; `*` is any part of a name.

    `grows_by` and `keeps` are for people: what adds to it, and what stays. `settings` change that.
    """

    kind: Kind
    names: tuple[str, ...]
    grows_by: str
    bound: Bound
    keeps: str
    pruned_by: Pruner | None = None
    settings: tuple[str, ...] = ()


@cache
def all_growth() -> tuple[Growth, ...]:
    """Of every room, in order of the rooms' names."""
    entries = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    rooms: list[Callable[[], tuple[Growth, ...]]] = [entry.load() for entry in entries]
    return tuple(one for growth in rooms for one in growth())
