"""Tells which builds of a read model there are, and what was found when one was made last."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ops.failure import Failure
from ops.settings import Settings
from sinks.builds import Build, Builds, Led
from sinks.freshness import State
from sinks.read_model import ReadModel
from sinks.rebuild import rebuild_reports
from sinks.rebuild.opened_builds import opened
from sinks.sink import Unavailable

Role = Literal["live", "previous", "next", "beside"]
ToldState = State | Literal["whole", "unavailable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldBuild:
    """What is not known, for it is made or removed just now, is None, and its state `unavailable`.

    One that readers are not led to is never `fresh` but `whole`: it has all until `as_of`, and nobody need feed it.
    """

    build: Build
    role: Role
    documents: int | None = None
    bytes: int | None = None
    as_of: datetime | None = None
    state: ToldState = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldBuilds:
    """`last` is the report of the last one that was made at this machine, as `Rebuilt.told` says it."""

    builds: tuple[ToldBuild, ...]
    last: Mapping[str, Any] | None


TellBuilds = Callable[[ReadModel], ToldBuilds]


def tell(settings: Settings, model: ReadModel) -> ToldBuilds:
    """Raises `Failure` when its store does not answer, and for one that cannot be made again."""
    with opened(settings, model) as builds:
        led = builds.led()
        told = tuple(_told(builds, build, led) for build in builds.all())
    return ToldBuilds(builds=told, last=rebuild_reports.newest(settings, model.name))


def nowhere(model: ReadModel) -> ToldBuilds:
    """For what is connected to no store."""
    raise Failure(f"There is no store with {model.name} in it.", "Connect it to one.")


def _told(builds: Builds, build: Build, led: Led) -> ToldBuild:
    roles: dict[Build | None, Role] = {led.previous: "previous", led.next: "next", led.live: "live"}
    role = roles.get(build, "beside")
    try:
        size, freshness = builds.size(build), builds.freshness(build)
    except Unavailable:
        return ToldBuild(build=build, role=role)
    return ToldBuild(
        build=build,
        role=role,
        documents=size.documents,
        bytes=size.bytes,
        as_of=freshness.as_of,
        state="whole" if freshness.state == "fresh" and role in ("previous", "beside") else freshness.state,
    )
