"""`rustok sinks bi`: what the operator sees of it.

With `--json` one document: {"models": [{"model", "snapshot", "as_of", "is_certified"}, …], "slices", "rows", "ended",
"took_s"}.
"""

import json
import time

import click
from rich.console import Console

from ops.failure import Failure
from ops.settings import Settings
from sinks.bi import bi_failures
from sinks.bi.fill_tables import Filled, fill
from sinks.bi.snapshot_figures import Of
from sinks.sink import Unavailable


def run(settings: Settings, of: Of, *, as_json: bool) -> None:
    began = time.monotonic()
    try:
        with bi_failures.told(settings), Console(stderr=True).status("filling the tables for BI tools"):
            filled = fill(settings.postgres_bi_url, settings.analytics_dir, of)
    except Unavailable as away:
        raise Failure(
            f"Nothing is filled: {away}.", "`rustok status` shows whether the feed of sales runs; what is there stays."
        ) from away
    _tell(filled, time.monotonic() - began, as_json=as_json)


def _tell(filled: Filled, took_s: float, *, as_json: bool) -> None:
    if as_json:
        models = [
            {
                "model": one.model,
                "snapshot": one.snapshot,
                "as_of": one.as_of.isoformat(),
                "is_certified": one.is_certified,
            }
            for one in filled.models
        ]
        counts = {"slices": filled.slices, "rows": filled.rows, "ended": filled.ended, "took_s": round(took_s, 2)}
        click.echo(json.dumps({"models": models, **counts}))
        return
    for one in filled.models:
        certified = ", certified" if one.is_certified else ""
        click.echo(f"{one.model} as of {one.as_of:%Y-%m-%d %H:%M:%S} UTC, {one.snapshot}{certified}")
    click.echo(f"{filled.rows:,} rows written: what differed in {filled.slices:,} days and things ({took_s:.1f} s)")
    if filled.ended:
        click.echo(f"{filled.ended} sessions of readers were ended: a transaction took too long")
