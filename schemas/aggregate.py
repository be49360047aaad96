"""Declares an aggregate in one row, from which its topic, its events, their owner and its permissions follow."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.event_history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """`plural` names its table, its path and what permissions are given for. `owner` decides what its events mean.

    `gone` is the event after which it is not to be seen any more. None: its events are decisions, and there is no state
    of it that could be emitted again. `meanings` says of the fields of its classes what `field_meanings` does not, and
    `holds` what is in its topic, if that is not the aggregates themselves. With
    `kept_days` its events go after so many days; else the newest of each of them stays.
    """

    name: str
    plural: str
    owner: str
    histories: tuple[History, ...]
    gone: type | None
    partitions: int = 1
    holds: str = ""
    kept_days: int | None = None
    meanings: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_state(self) -> bool:
        return self.gone is not None
