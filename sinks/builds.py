"""Names the builds of a read model: what was made of one version of it, from the beginning of the log.

The first of version 6 is `v6`. Those that were made beside it, of the same version, are `v6-b2`, `v6-b3`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from sinks.freshness import Freshness

_NAME: Final = re.compile(r"v([1-9][0-9]*)(?:-b([1-9][0-9]*))?")


@dataclass(frozen=True, slots=True, order=True)
class Build:
    version: int
    number: int = 1

    def __str__(self) -> str:
        return f"v{self.version}" if self.number == 1 else f"v{self.version}-b{self.number}"

    @classmethod
    def named(cls, name: str) -> "Build | None":
        """None for what names none."""
        found = _NAME.fullmatch(name)
        return None if found is None else cls(int(found[1]), int(found[2] or 1))

    @classmethod
    def at_the_end_of(cls, place: str) -> "Build | None":
        """Whose index or folder it is, by its name: `rustok-product-search-products-v6-b2`."""
        return cls.named(f"v{place.rpartition('-v')[2]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSize:
    """`documents` are those that its feed has published, in all collections; of indices also tombstones."""

    documents: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Led:
    """Readers are led to the `live` build, and were to the `previous` one before, if it is still there; to the `next`
    one as soon as its feed has made it as fresh as the live one. Not `whole`: some collection is not led to the
    live one, for a pointer goes with what it points to.
    """

    live: Build | None = None
    previous: Build | None = None
    next: Build | None = None
    whole: bool = True

    def fed(self, version: int) -> Build:
        """The one that the feed of this version writes to: the first of these that is of it, or else its first."""
        known = (self.next, self.live, self.previous)
        return next((one for one in known if one is not None and one.version == version), Build(version))


class Builds(Protocol):
    """Those of one read model in its store. Every method may raise `sinks.sink.Unavailable`."""

    def all(self) -> list[Build]:
        """In order; also those that are not whole yet."""

    def led(self) -> "Led":
        """Where readers are led."""

    def freshness(self, build: Build) -> Freshness:
        """As its readers are told, or would be."""

    def size(self, build: Build) -> BuildSize:
        """Of one that is being made just now, what is there of it."""

    def made_at(self, build: Build) -> datetime:
        """When it was begun, by the store's clock."""

    def hand_over(self, build: Build) -> None:
        """Makes it the next one: the feed of this version feeds it from now on, and leads readers to it."""

    def lead(self, build: Build) -> None:
        """Leads readers to this one, at one moment; the one before it stays, as the previous one. None is next."""

    def drop(self, build: Build) -> None:
        """Removes it for good. Not for the live one."""

    def close(self) -> None: ...


def following(builds: Builds, version: int) -> Build:
    """One that is not there yet."""
    return Build(version, max((one.number for one in builds.all() if one.version == version), default=0) + 1)


def may_lead(builds: Builds, led: Led, build: Build, told: Freshness) -> bool:
    """Whether readers are to be led to this one, their next or of a newer version, and saw nothing newer before."""
    live = led.live
    is_awaited = live is not None and (led.next == build or live.version < build.version)
    if live is None or not is_awaited or told.state != "fresh" or told.as_of is None:
        return False
    seen = builds.freshness(live).as_of
    return seen is None or told.as_of >= seen


def abandoned(builds: Builds, before: datetime) -> list[Build]:
    """Those that readers are not led to, and that nobody has fed since then: a feed that serves readers leaves what
    they saw before. Of one that was never whole it counts when it was begun, unless it is of a newer version than what
    readers see: perhaps its feed builds it. While readers are led nowhere nothing is: it may be what they are to see.
    """
    led = builds.led()
    if led.live is None:
        return []
    others = [one for one in builds.all() if one not in (led.live, led.next)]
    return [one for one in others if (last := _left_at(builds, led.live, one)) is not None and last < before]


def _left_at(builds: Builds, live: Build, build: Build) -> datetime | None:
    as_of = builds.freshness(build).as_of
    return as_of if as_of is not None or build.version > live.version else builds.made_at(build)
