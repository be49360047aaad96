"""`rustok sinks rebuild`: what the platform engineer sees of it.

With `--json`, `start`, `promote` and `rollback` print one document: {"model", "build", "before", "led",
"judgements": [{"name", "holds", "found"}, …], "documents", "whole_s", "seconds", "at"}; `start --tenant` another:
{"model", "tenants", "told", "found"}, of which `found` is what `rustok sinks verify --json` says; `cancel` and `drop`
the builds that are gone. `status`: see `sinks.rebuild.rebuild_status`.
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
from sinks.rebuild import known_requests, rebuild_actions, rebuild_reports
from sinks.rebuild.opened_builds import model_named, opened
from sinks.rebuild.progress import Progress, Tell
from sinks.rebuild.rebuild_reports import Rebuilt
from sinks.rebuild.rebuild_request import Source


def is_newer(settings: Settings, name: str) -> bool:
    """Whether this code makes a newer version than readers are led to."""
    model = model_named(name)
    if model.builds(settings) is None:
        return False
    with opened(settings, model) as builds:
        live = builds.led().live
    return live is not None and live.version < model.version


def start(
    settings: Settings, name: str, *, source: Source = "log", hold: bool, again: bool = False, as_json: bool
) -> bool:
    """Whether it is right, and readers are led to it unless `hold`. `again`: there has to be one that was begun."""
    rebuilt = rebuild_actions.start(settings, name, _telling(settings), source=source, hold=hold, again=again)
    return _told(rebuilt, is_to_lead=not hold, as_json=as_json)


def retell(settings: Settings, name: str, shops: Sequence[str], *, as_json: bool) -> bool:
    """Whether what readers see of these shops is what their tables say."""
    retold = rebuild_actions.retell(settings, name, shops, _telling(settings))
    click.echo(json.dumps(retold.as_document(), indent=2) if as_json else f"{name}: {retold}")
    return retold.is_right


def promote(settings: Settings, name: str, *, as_json: bool) -> bool:
    """As `start`, of a build that is there already."""
    return _told(rebuild_actions.promote(settings, name, _telling(settings)), is_to_lead=True, as_json=as_json)


def rollback(settings: Settings, name: str, *, as_json: bool) -> bool:
    return _told(rebuild_actions.rollback(settings, name, _telling(settings)), is_to_lead=True, as_json=as_json)


def pause(settings: Settings, name: str) -> None:
    """Returns when whoever made it again has ended. Raises `Failure` when nobody does."""
    model = model_named(name)
    if not rebuild_actions.pause(settings, model.name):
        raise Failure(
            f"Nobody makes {model.name} again just now.",
            f"If it is paused already, `rustok sinks rebuild resume {model.name}` goes on from there.",
        )
    click.echo(f"{model.name} is paused: `rustok sinks rebuild resume {model.name}` goes on from there.")


def cancel(settings: Settings, name: str, *, as_json: bool) -> None:
    """Also what was made of it goes, but never what readers are led to."""
    model = model_named(name)
    gone = rebuild_actions.cancel(settings, model.name)
    known_requests.cancelled(settings, model.name)
    _tell_gone(model, gone, as_json=as_json)


def drop(settings: Settings, name: str, build_name: str | None, *, as_json: bool) -> None:
    """One, or all that readers are not led to."""
    model = model_named(name)
    _tell_gone(model, rebuild_actions.drop(settings, model.name, build_name), as_json=as_json)


def _tell_gone(model: ReadModel, gone: Sequence[Build], *, as_json: bool) -> None:
    words = ", ".join(map(str, gone)) or "nothing was there to be removed"
    click.echo(json.dumps([str(one) for one in gone]) if as_json else f"{model.name}: {words}")


def _telling(settings: Settings) -> rebuild_actions.Telling:
    """Shows what is told. What was asked for over the API before, and was paused or is over, counts no more."""

    @contextmanager
    def telling(model: ReadModel, build: Build, go_on: Callable[[], None]) -> Iterator[Tell]:
        known_requests.forgotten(settings, model.name)
        with Steps(Console(stderr=True)).together() as board, board.piece(f"{model.name} {build}") as show:

            def tell(words: str, progress: Progress | None = None) -> None:
                go_on()
                show(words)

            yield tell

    return telling


def _told(rebuilt: Rebuilt, *, is_to_lead: bool, as_json: bool) -> bool:
    """Whether it is right, and readers were led to it if they were to be, or will be by a feed of this code."""
    click.echo(json.dumps(rebuilt.told(), indent=2) if as_json else rebuild_reports.words(rebuilt.told()))
    if rebuilt.is_right and is_to_lead and not rebuilt.led:
        click.echo(rebuilt.what_leads, err=True)
        return rebuilt.is_of_other_code
    return rebuilt.is_right
