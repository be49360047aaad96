"""Shows which builds of the read models there are, and what was done last.

As a list of {"model", "builds": [{"build", "role", "documents", "bytes", "as_of", "state"}, …], "last": the report of
the last rebuild, or null}, or as lines for people.
"""

import json
from typing import Any

import click

from ops.settings import Settings
from sinks import read_models
from sinks.builds import Build, Builds, Led
from sinks.read_model import ReadModel
from sinks.rebuild import rebuild_reports
from sinks.rebuild.opened_builds import model_named, opened
from sinks.sink import Unavailable


def status(settings: Settings, name: str | None, *, as_json: bool) -> None:
    models = [one for one in read_models.READ_MODELS if one.builds(settings)] if name is None else [model_named(name)]
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
            click.echo(f"  last: {rebuild_reports.words(one['last'])}")


def _status(settings: Settings, model: ReadModel) -> dict[str, Any]:
    with opened(settings, model) as builds:
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
