"""Shows which builds of the read models there are, and what was done last.

As a list of {"model", "builds": [{"build", "role", "documents", "bytes", "as_of", "state"}, …], "last": the report of
the last rebuild, or null, "request": what was asked for over the API last, in words, or null}, or as lines for people.
"""

import json
from dataclasses import asdict
from typing import Any

import click

from ops.settings import Settings
from sinks import read_models
from sinks.read_model import ReadModel
from sinks.rebuild import known_requests, rebuild_reports, told_builds
from sinks.rebuild.opened_builds import model_named
from sinks.rebuild.told_builds import ToldBuild


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
        if one["request"] is not None:
            click.echo(f"  over the API: {one['request']}")


def _status(settings: Settings, model: ReadModel) -> dict[str, Any]:
    told, request = told_builds.tell(settings, model), known_requests.newest(settings, model.name)
    return {
        "model": model.name,
        "builds": [_row(one) for one in told.builds],
        "last": told.last,
        "request": None if request is None else str(request),
    }


def _row(one: ToldBuild) -> dict[str, Any]:
    as_of = None if one.as_of is None else one.as_of.isoformat(timespec="milliseconds")
    return asdict(one) | {"build": str(one.build), "as_of": as_of}
