"""`rustok sinks rebuild`: what the platform engineer sees of it.

With `--json`, `start`, `promote` and `rollback` print one document: {"model", "build", "before", "led",
"judgements": [{"name", "holds", "found"}, …], "documents", "whole_s", "seconds", "at"}; `cancel` and `drop` the builds
that are gone. `status`: see `sinks.rebuild.rebuild_status`.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich.console import Console

from ops.failure import Failure
from ops.progress_display import Steps
from ops.settings import Settings
from sinks.builds import Build
from sinks.read_model import ReadModel
from sinks.rebuild import drop_builds, rebuild_model, rebuild_reports
from sinks.rebuild.one_rebuild import alone, pausing
from sinks.rebuild.opened_builds import build_named, model_named, opened
from sinks.rebuild.rebuild_reports import Rebuilt


def is_newer(settings: Settings, name: str) -> bool:
    """Whether this code makes a newer version than readers are led to."""
    model = model_named(name)
    if model.builds(settings) is None:
        return False
    with opened(settings, model) as builds:
        live = builds.led().live
    return live is not None and live.version < model.version


def start(settings: Settings, name: str, *, hold: bool, again: bool = False, as_json: bool) -> bool:
    """Whether it is right, and readers are led to it unless `hold`. `again`: there has to be one that was begun."""
    model = model_named(name)
    with opened(settings, model) as builds, alone(settings, model.name) as go_on:
        build = rebuild_model.next_build(model, builds)
        if again and build not in builds.all():
            raise _nothing_waits(model)
        with _telling(model, build, go_on) as tell:
            rebuilt = rebuild_model.rebuild(settings, model, builds, build, tell, lead=not hold)
    return _told(rebuilt, is_to_lead=not hold, as_json=as_json)


def promote(settings: Settings, name: str, *, as_json: bool) -> bool:
    """As `start`, of a build that is there already."""
    model = model_named(name)
    with opened(settings, model) as builds, alone(settings, model.name) as go_on:
        build = rebuild_model.next_build(model, builds)
        if build not in builds.all():
            raise _nothing_waits(model)
        with _telling(model, build, go_on) as tell:
            rebuilt = rebuild_model.rebuild(settings, model, builds, build, tell, lead=True)
    return _told(rebuilt, is_to_lead=True, as_json=as_json)


def _nothing_waits(model: ReadModel) -> Failure:
    return Failure(f"No build of {model.name} waits.", f"`rustok sinks rebuild start {model.name}` makes one.")


def rollback(settings: Settings, name: str, *, as_json: bool) -> bool:
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
        with _telling(model, previous, go_on) as tell:
            rebuilt = rebuild_model.lead_back(settings, model, builds, previous, tell)
    return _told(rebuilt, is_to_lead=True, as_json=as_json)


def pause(settings: Settings, name: str) -> None:
    """Returns when whoever made it again has ended. Raises `Failure` when nobody does."""
    model = model_named(name)
    with pausing(settings, model.name) as was_made:
        if not was_made:
            raise Failure(f"Nobody makes {model.name} again just now.", "There is nothing to pause.")
    click.echo(f"{model.name} is paused: `rustok sinks rebuild resume {model.name}` goes on from there.")


def cancel(settings: Settings, name: str, *, as_json: bool) -> None:
    """Also what was made of it goes, but never what readers are led to."""
    model = model_named(name)
    with opened(settings, model) as builds, pausing(settings, model.name):
        build = rebuild_model.next_build(model, builds)
        gone = [build] if build in builds.all() and build != builds.led().next else []
        drop_builds.drop(settings, model, builds, gone)
    _tell_gone(model, gone, as_json=as_json)


def drop(settings: Settings, name: str, build_name: str | None, *, as_json: bool) -> None:
    """One, or all that readers are not led to."""
    model = model_named(name)
    with opened(settings, model) as builds, alone(settings, model.name):
        led, known = builds.led(), builds.all()
        kept = {led.live, led.next}
        beside = [one for one in known if one not in kept]
        gone = beside if build_name is None else [build_named(known, model, build_name)]
        if led.live is None or led.live in gone:
            raise Failure(f"Readers are led to {led.live} of {model.name}.", "Lead them elsewhere first.")
        drop_builds.drop(settings, model, builds, gone)
    _tell_gone(model, gone, as_json=as_json)


def _tell_gone(model: ReadModel, gone: Sequence[Build], *, as_json: bool) -> None:
    words = ", ".join(map(str, gone)) or "nothing else is there"
    click.echo(json.dumps([str(one) for one in gone]) if as_json else f"{model.name}: {words}")


@contextmanager
def _telling(model: ReadModel, build: Build, go_on: Callable[[], None]) -> Iterator[Callable[[str], None]]:
    """Shows what is told; raises `Failure` there when somebody wants it to end."""
    with Steps(Console(stderr=True)).together() as board, board.piece(f"{model.name} {build}") as show:

        def tell(words: str) -> None:
            go_on()
            show(words)

        yield tell


def _told(rebuilt: Rebuilt, *, is_to_lead: bool, as_json: bool) -> bool:
    """Whether it is right, and readers were led to it if they were to be."""
    click.echo(json.dumps(rebuilt.told(), indent=2) if as_json else rebuild_reports.words(rebuilt.told()))
    if not rebuilt.is_right or not is_to_lead or rebuilt.led:
        return rebuilt.is_right
    if rebuilt.is_of_other_code:
        click.echo(f"Now `rustok restart feed-{rebuilt.model}`: with this code it leads readers there.", err=True)
        return True
    click.echo(f"Its feed has not taken over yet, and will: `rustok status` shows feed-{rebuilt.model}.", err=True)
    return False
