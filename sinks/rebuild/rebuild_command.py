"""`rustok sinks rebuild`: what the platform engineer sees of it.

With `--json`, `start`, `promote` and `rollback` print one document: {"model", "build", "before", "led",
"judgements": [{"name", "holds", "found"}, …], "documents", "whole_s", "seconds", "at"}. `status` prints a list of
{"model", "builds": [{"build", "role", "documents", "bytes", "as_of", "state"}, …], "last": the last of those documents,
or null}.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final

import click
from rich.console import Console

from ops.failure import Failure
from ops.progress_display import Steps
from ops.settings import Settings
from sinks import read_models
from sinks.builds import Build, Builds, Led
from sinks.read_model import ReadModel
from sinks.rebuild import drop_builds, rebuild_model, rebuild_reports
from sinks.rebuild.one_rebuild import alone, pausing
from sinks.rebuild.rebuild_reports import Rebuilt
from sinks.sink import Unavailable

_DOWN: Final = "`rustok status` shows what is down."


def is_newer(settings: Settings, name: str) -> bool:
    """Whether this code makes a newer version than readers are led to."""
    model = _model(name)
    if model.builds(settings) is None:
        return False
    with _builds(settings, model) as builds:
        live = builds.led().live
    return live is not None and live.version < model.version


def start(settings: Settings, name: str, *, hold: bool, as_json: bool) -> bool:
    """Whether it is right, and readers are led to it unless `hold`."""
    model = _model(name)
    with _builds(settings, model) as builds, alone(settings, model.name) as go_on:
        build = rebuild_model.next_build(model, builds)
        with _telling(model, build, go_on) as tell:
            rebuilt = rebuild_model.rebuild(settings, model, builds, build, tell, lead=not hold)
    return _told(rebuilt, is_to_lead=not hold, as_json=as_json)


def promote(settings: Settings, name: str, *, as_json: bool) -> bool:
    """As `start`, of a build that is there already."""
    model = _model(name)
    with _builds(settings, model) as builds, alone(settings, model.name) as go_on:
        build = rebuild_model.next_build(model, builds)
        if build not in builds.all():
            raise Failure(f"No build of {model.name} waits.", f"`rustok sinks rebuild start {model.name}` makes one.")
        with _telling(model, build, go_on) as tell:
            rebuilt = rebuild_model.rebuild(settings, model, builds, build, tell, lead=True)
    return _told(rebuilt, is_to_lead=True, as_json=as_json)


def rollback(settings: Settings, name: str, *, as_json: bool) -> bool:
    model = _model(name)
    with _builds(settings, model) as builds, alone(settings, model.name) as go_on:
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
    model = _model(name)
    with pausing(settings, model.name) as was_made:
        if not was_made:
            raise Failure(f"Nobody makes {model.name} again just now.", "There is nothing to pause.")
    click.echo(f"{model.name} is paused: `rustok sinks rebuild start {model.name}` goes on from there.")


def cancel(settings: Settings, name: str, *, as_json: bool) -> None:
    """Also what was made of it goes, but never what readers are led to."""
    model = _model(name)
    with _builds(settings, model) as builds, pausing(settings, model.name):
        build = rebuild_model.next_build(model, builds)
        gone = [build] if build in builds.all() and build != builds.led().next else []
        drop_builds.drop(settings, model, builds, gone)
    _tell_gone(model, gone, as_json=as_json)


def drop(settings: Settings, name: str, build_name: str | None, *, as_json: bool) -> None:
    """One, or all that readers are not led to."""
    model = _model(name)
    with _builds(settings, model) as builds, alone(settings, model.name):
        led, known = builds.led(), builds.all()
        kept = {led.live, led.next}
        gone = [one for one in known if one not in kept] if build_name is None else [_named(known, model, build_name)]
        if led.live is None or led.live in gone:
            raise Failure(f"Readers are led to {led.live} of {model.name}.", "Lead them elsewhere first.")
        drop_builds.drop(settings, model, builds, gone)
    _tell_gone(model, gone, as_json=as_json)


def _tell_gone(model: ReadModel, gone: Sequence[Build], *, as_json: bool) -> None:
    words = ", ".join(map(str, gone)) or "nothing else is there"
    click.echo(json.dumps([str(one) for one in gone]) if as_json else f"{model.name}: {words}")


def status(settings: Settings, name: str | None, *, as_json: bool) -> None:
    models = [one for one in read_models.READ_MODELS if one.builds(settings)] if name is None else [_model(name)]
    told = [_status(settings, model) for model in models]
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    for one in told:
        click.echo(one["model"])
        for build in one["builds"]:
            size = f"{build['documents'] or 0:,} documents, {(build['bytes'] or 0) / 1e6:,.1f} MB"
            click.echo(
                f"  {build['build']:<8} {build['role']:<9} {size}, {build['state']}, as of {build['as_of'] or '—'}"
            )
        if one["last"] is not None:
            click.echo(f"  last: {_words(one['last'])}")


def _status(settings: Settings, model: ReadModel) -> dict[str, Any]:
    with _builds(settings, model) as builds:
        led = builds.led()
        return {
            "model": model.name,
            "builds": [_row(builds, build, led) for build in builds.all()],
            "last": rebuild_reports.newest(settings, model.name),
        }


def _row(builds: Builds, build: Build, led: Led) -> dict[str, Any]:
    roles = {led.previous: "previous", led.next: "next", led.live: "live"}
    role = roles.get(build, "beside")
    row: dict[str, Any] = {"build": str(build), "role": role}
    try:
        size, freshness = builds.size(build), builds.freshness(build)
    except Unavailable:  # it is made, or removed, just now
        return row | {"documents": None, "bytes": None, "as_of": None, "state": "unavailable"}
    as_of = freshness.as_of
    return row | {
        "documents": size.documents,
        "bytes": size.bytes,
        "as_of": None if as_of is None else as_of.isoformat(timespec="milliseconds"),
        "state": freshness.state,
    }


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
    click.echo(json.dumps(rebuilt.told(), indent=2) if as_json else _words(rebuilt.told()))
    if not rebuilt.is_right or not is_to_lead or rebuilt.led:
        return rebuilt.is_right
    if rebuilt.is_of_other_code:
        click.echo(f"Now `rustok restart feed-{rebuilt.model}`: with this code it leads readers there.", err=True)
        return True
    click.echo(f"Its feed has not taken over yet, and will: `rustok status` shows feed-{rebuilt.model}.", err=True)
    return False


def _words(told: dict[str, Any]) -> str:
    done = f"readers are led to {told['build']}" if told["led"] else f"{told['build']} waits, nobody is led to it"
    judged = "".join(
        f"\n    {'yes' if one['holds'] else 'NO '}  {one['name']}: {one['found']}" for one in told["judgements"]
    )
    return f"{told['model']}: {done}, {told['documents']:,} documents in {told['seconds']:.1f} s{judged}"


@contextmanager
def _builds(settings: Settings, model: ReadModel) -> Iterator[Builds]:
    builds = model.builds(settings)
    if builds is None:
        raise Failure(f"{model.name} cannot be made again from the log.", "It keeps what the log forgets: back it up.")
    try:
        with closing(builds):
            yield builds
    except Unavailable as away:
        raise Failure(f"{str(away)[:1].upper()}{str(away)[1:]}.", _DOWN) from away


def _named(known: Sequence[Build], model: ReadModel, name: str) -> Build:
    build = Build.named(name)
    if build is None or build not in known:
        there = ", ".join(map(str, known))
        raise Failure(f"There is no build {name} of {model.name}.", f"These are there: {there}.")
    return build


def _model(name: str) -> ReadModel:
    model = read_models.named(name)
    if model is None:
        names = ", ".join(one.name for one in read_models.READ_MODELS)
        raise Failure(f"There is no read model {name}.", f"These are there: {names}.")
    return model
