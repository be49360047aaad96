"""Describes what somebody asked to be done about the builds of a read model, and how far it is.

There is one of a model: the newest. `waiting` ones, and `running` ones that nobody carries out, are begun by the
scheduler; what is `paused` waits until somebody asks for more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sinks.rebuild.progress import Progress

Action = Literal["start", "resume", "promote", "rollback", "pause", "cancel", "drop"]
#: What a build is made of first; in the end all comes from the log.
Source = Literal["log", "tables"]
State = Literal["waiting", "running", "paused", "cancelled", "done", "failed"]
#: They end what others do, and do not wait for its end.
ENDING: Final[frozenset[Action]] = frozenset({"pause", "cancel"})
ENDS_AS: Final[Mapping[Action, State]] = {"pause": "paused", "cancel": "cancelled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildRequest:
    """`hold`: nobody is led to what is made. `source`: what it is made of first. `tenants`: these shops alone, in
    place; none: all. `build`: the one to drop; None: all that readers are not led to.

    `attempts` are those since it last came any further. `step` is what it does, or did last, in words; `progress` how
    far the log was read then. `report` is as `rebuild_reports.Rebuilt.told` says it. `detail` says why it failed, or
    what there is to know besides.
    """

    id: UUID
    model: str
    action: Action
    asked_by: str
    asked_at: datetime
    hold: bool = False
    source: Source = "log"
    tenants: Sequence[str] = ()
    build: str | None = None
    state: State = "waiting"
    attempts: int = 0
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    step: str = ""
    progress: Progress | None = None
    report: Mapping[str, Any] | None = None
    detail: str = ""

    @property
    def goes_on(self) -> bool:
        return self.state in ("waiting", "running")

    @property
    def was_never_begun(self) -> bool:
        """It was paused while it waited."""
        return self.state == "paused" and self.action not in ENDING and self.begun_at is None

    def __str__(self) -> str:
        by = f"{self.action} is {self.state}, asked for by {self.asked_by} at {self.asked_at:%Y-%m-%d %H:%M:%S}"
        return ": ".join(filter(None, (by, self.detail or self.step)))
