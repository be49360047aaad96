"""Decides whether something may be done about the builds of a read model, while others may be at it.

One rebuild of a model goes on at a time. What ends one, `pause` and `cancel`, takes the place of what goes on.
"""

from typing import Self

from api.domain.errors import Conflict
from sinks.rebuild.rebuild_request import ENDING, Action, RebuildRequest


class RebuildGoesOn(Conflict):
    """One of the same read model was begun, here or by the command, and has not ended."""

    code = "rebuild_goes_on"


class NoRebuildGoesOn(Conflict):
    """There is nothing to pause."""

    code = "no_rebuild_goes_on"


class NotRebuildable(Conflict):
    """What was asked for does not have all that the read model keeps."""

    code = "not_rebuildable"

    @classmethod
    def from_log(cls, model: str) -> Self:
        return cls(f"{model} cannot be made again from the log: it keeps what the log forgets. Back it up.")

    @classmethod
    def from_tables(cls, model: str) -> Self:
        return cls(f"No table keeps what {model} is made of: the log is all there is.")


def require_possible(action: Action, model: str, held: RebuildRequest | None, *, is_rebuilt: bool) -> None:
    """`held` is what was asked for before; `is_rebuilt`: somebody changes its builds just now.

    Raises `RebuildGoesOn`, `NoRebuildGoesOn`.
    """
    going_on = held if held is not None and held.goes_on else None
    if going_on is not None and going_on.action in ENDING and (action, going_on.action) != ("cancel", "pause"):
        raise RebuildGoesOn(f"{going_on.action} of {model} is {going_on.state}: wait for its end.")
    if going_on is not None and action not in ENDING:
        raise RebuildGoesOn(f"{going_on.action} of {model} is {going_on.state}: wait for its end, or pause it.")
    if action not in ENDING and is_rebuilt:
        raise RebuildGoesOn(f"Somebody rebuilds {model} just now, or leads its readers elsewhere: pause it, or wait.")
    if action == "pause" and going_on is None and not is_rebuilt:
        raise NoRebuildGoesOn(f"Nobody makes {model} again just now.")
