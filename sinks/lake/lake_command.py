"""`rustok sinks lake`: what the analyst sees of it.

With `--json` a list of documents: {"model", "namespace", "snapshot", "as_of", "commits", "copied_files", "expired",
"took_s", "tables": [{"table", "rows", "files", "added", "dropped", "iceberg_snapshot"}, …]}, and with `--remove` of
the names that went. A model that could not be mirrored has {"model", "error"}, one that has nothing yet to be mirrored
{"model", "waits"}.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click
import duckdb
from rich.console import Console

from ops.failure import Failure
from ops.settings import Settings
from sinks.analytics import sales_facts, search_facts
from sinks.lake.lake_folder import MirrorsElsewhere
from sinks.sink import Unavailable

if TYPE_CHECKING:
    from sinks.lake.mirror_model import Lake, Mirrored

#: Read models whose tables are facts; the archive of events is none.
MODELS: Final = (sales_facts.MODEL, search_facts.MODEL)


def run(settings: Settings, name: str | None, *, certified: bool, as_json: bool) -> None:
    """Of all models none keeps another from it: raises a `Failure` at the end, unless it is one that waits."""
    from sinks.lake import mirror_model

    models = [model for model in MODELS if name in (None, model.name)]
    lake = _lake(settings)
    told, failed, done = list[dict[str, Any]](), list[Failure](), 0
    for model in models:
        began = time.monotonic()
        try:
            with Console(stderr=True).status(f"mirroring {model.name}"), _told():
                found = mirror_model.mirror(lake, settings.analytics_dir, model, model.store.shape, certified=certified)
        except Failure as failure:
            waits = isinstance(failure.__cause__, Unavailable) and len(models) > 1
            told.append({"model": model.name, "waits" if waits else "error": failure.what})
            if waits:
                click.echo(f"{model.name} is not mirrored: {failure.what}", err=True)
            else:
                failed.append(failure)
            continue
        done += 1
        told.append(_document(found, time.monotonic() - began))
        if not as_json:
            _show(found, time.monotonic() - began)
    if as_json:
        click.echo(json.dumps(told, indent=2))
    if failed:
        raise Failure(" ".join(one.what for one in failed), failed[0].remedy)
    if not done:
        raise Failure("There is nothing to mirror yet.", "`rustok status` shows whether the feeds run.")


def remove(settings: Settings, name: str | None, *, as_json: bool) -> None:
    from sinks.lake import mirror_model

    lake = _lake(settings)
    gone = list[str]()
    with _told():
        for model in MODELS:
            if name in (None, model.name):
                gone += mirror_model.remove(lake, model)
    if as_json:
        click.echo(json.dumps(gone))
    else:
        click.echo(f"removed: {', '.join(gone)}" if gone else "nothing was there")


def _lake(settings: Settings) -> "Lake":
    from sinks.lake import lake_catalogue, mirror_model  # here, for it takes half a second and nobody else needs it

    folder = settings.lake_dir.absolute()
    with _told():
        folder.mkdir(parents=True, exist_ok=True)
    catalogue = lake_catalogue.in_postgres(settings.postgres_url, folder)
    return mirror_model.Lake(catalogue=catalogue, folder=folder, kept_s=settings.lake_kept_min * 60)


@contextmanager
def _told() -> Iterator[None]:
    from sqlalchemy.exc import DBAPIError

    from sinks.lake.iceberg_table import CommittedElsewhere

    try:
        yield
    except Unavailable as away:
        raise Failure(_sentence(away), "`rustok status` shows whether its feed runs.") from away
    except (MirrorsElsewhere, CommittedElsewhere) as other:
        raise Failure(_sentence(other), "Nothing is broken: run it again when that is done.") from other
    except DBAPIError as away:
        raise Failure(
            f"The lake's catalogue cannot be asked: {str(away.orig).strip().partition(chr(10))[0]}.",
            "`rustok status` shows what is down.",
        ) from away
    except (OSError, duckdb.Error) as disk:
        raise Failure(
            f"The lake's folder cannot be written: {str(disk).strip()}.",
            "See who owns it, and whether its disk is full.",
        ) from disk


def _document(found: "Mirrored", took_s: float) -> dict[str, Any]:
    return {
        "model": found.model,
        "namespace": found.namespace,
        "snapshot": found.snapshot,
        "as_of": None if found.as_of is None else found.as_of.isoformat(),
        "commits": found.commits,
        "copied_files": found.copied,
        "expired": found.expired,
        "took_s": round(took_s, 3),
        "tables": [
            {
                "table": one.table,
                "rows": one.rows,
                "files": one.files,
                "added": one.added,
                "dropped": one.dropped,
                "iceberg_snapshot": one.snapshot_id,
            }
            for one in found.tables
        ],
    }


def _show(found: "Mirrored", took_s: float) -> None:
    as_of = f"as of {found.as_of:%Y-%m-%d %H:%M:%S} UTC" if found.as_of else "nobody vouches for a moment"
    click.echo(
        f"{found.namespace}: {found.snapshot}, {as_of}: {_number(found.commits, 'commit')},"
        f" {_number(found.copied, 'file')} copied ({took_s:.1f} s)"
    )
    for one in found.tables:
        click.echo(f"    {one.table:<18} {one.rows:>12,} rows in {_number(one.files, 'file')}")


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _sentence(what: Exception) -> str:
    return f"{str(what)[:1].upper()}{str(what)[1:]}."
