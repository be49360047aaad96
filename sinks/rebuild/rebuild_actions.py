"""Does with the builds of a read model what is asked for: by the command, or over the API.

Every action raises `Failure`: also for a model that is not there, and for one that cannot be made again.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from ops.failure import Failure
from ops.settings import Settings
from sinks.builds import Build
from sinks.read_model import ReadModel
from sinks.rebuild import drop_builds, rebuild_model, retold_shops
from sinks.rebuild.one_rebuild import alone, pausing
from sinks.rebuild.opened_builds import build_named, model_named, opened, require_truth
from sinks.rebuild.progress import Tell
from sinks.rebuild.rebuild_reports import Rebuilt
from sinks.rebuild.rebuild_request import Source
from sinks.rebuild.retold_shops import Retold


class Telling(Protocol):
    """Opened when it is known what is made. What it gives calls `go_on`, which raises `Failure` when it is to end."""

    def __call__(self, model: ReadModel, build: Build, go_on: Callable[[], None]) -> AbstractContextManager[Tell]: ...


def start(
    settings: Settings,
    name: str,
    telling: Telling,
    *,
    source: Source = "log",
    hold: bool = False,
    again: bool = False,
) -> Rebuilt:
    """Readers are led to it if it is right, unless `hold`. `again`: there has to be one that was begun, and it goes on
    from what it was begun from.
    """
    model = model_named(name)
    if source == "tables":
        require_truth(model)
    with opened(settings, model) as builds, alone(settings, model.name) as go_on:
        build = rebuild_model.next_build(model, builds)
        if again and build not in builds.all():
            raise Failure(f"No build of {model.name} waits.", f"`rustok sinks rebuild start {model.name}` makes one.")
        with telling(model, build, go_on) as tell:
            return rebuild_model.rebuild(settings, model, builds, build, tell, source=source, lead=not hold)


def retell(settings: Settings, name: str, shops: Sequence[str], telling: Telling) -> Retold:
    """Of these shops alone, in place."""
    model = model_named(name)
    with opened(settings, model) as builds, alone(settings, model.name) as go_on:
        live = builds.led().live
        with telling(model, live or Build(model.version), go_on) as tell:
            return retold_shops.retell(settings, model, shops, tell)


def promote(settings: Settings, name: str, telling: Telling) -> Rebuilt:
    """As `start`, of a build that is there already."""
    return start(settings, name, telling, again=True)


def rollback(settings: Settings, name: str, telling: Telling) -> Rebuilt:
    model = model_named(name)
    with opened(settings, model) as builds, alone(settings, model.name) as go_on:
        previous = builds.led().previous
        if previous is None:
            raise Failure(
                f"Readers of {model.name} were led to nothing else before.", "There is nothing to go back to."
            )
        if previous.version != model.version:
            raise Failure(
                f"Readers were led to {previous} of {model.name} before, and this code makes v{model.version}.",
                f"Run `rustok sinks rebuild rollback {model.name}` with the code that makes it, and then its feed.",
            )
        with telling(model, previous, go_on) as tell:
            return rebuild_model.lead_back(settings, model, builds, previous, tell)


def pause(settings: Settings, name: str) -> bool:
    """Returns when whoever made it again has ended: whether somebody did."""
    with pausing(settings, model_named(name).name) as was_made:
        return was_made


def cancel(settings: Settings, name: str) -> list[Build]:
    """Also what was made of it goes, but never what readers are led to. Returns what is gone."""
    model = model_named(name)
    with opened(settings, model) as builds, pausing(settings, model.name):
        build = rebuild_model.next_build(model, builds)
        gone = [build] if build in builds.all() and build != builds.led().next else []
        drop_builds.drop(settings, model, builds, gone)
    return gone


def drop(settings: Settings, name: str, build_name: str | None) -> list[Build]:
    """One, or all that readers are not led to. Returns what is gone."""
    model = model_named(name)
    with opened(settings, model) as builds, alone(settings, model.name):
        led, known = builds.led(), builds.all()
        kept = {led.live, led.next}
        beside = [one for one in known if one not in kept]
        gone = beside if build_name is None else [build_named(known, model, build_name)]
        if led.live is None or led.live in gone:
            raise Failure(f"Readers are led to {led.live} of {model.name}.", "Lead them elsewhere first.")
        drop_builds.drop(settings, model, builds, gone)
    return gone
