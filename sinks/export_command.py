"""`rustok sinks export`: what the analyst sees of it."""

from pathlib import Path

import click
import duckdb

from ops.failure import Failure
from ops.settings import Settings
from schemas.write_model import NoSuchTenant, Unreachable, open_write_model
from sinks import pin_command
from sinks.duckdb import exported_snapshots, pinned_snapshots, snapshots
from sinks.duckdb.exported_snapshots import FOLDERS, Source
from sinks.read_model import ReadModel
from sinks.sink import Unavailable
from sinks.stores import InDuckDB

KINDS = ("duckdb", *FOLDERS, "xlsx")


def run(settings: Settings, model: ReadModel, target: Path, kind: str, *, slug: str | None, pinned: str | None) -> None:
    """Writes what is current, or was `pinned` under this name."""
    if target.exists():
        raise Failure(f"{target} is there already.", "Give another name, or remove it.")
    try:
        source = _source(settings, model, slug, pinned)
        if kind == "xlsx":
            from xlsxwriter.exceptions import FileCreateError

            from sinks.duckdb import exported_workbook

            try:
                counts = exported_workbook.to_workbook(source, target)
            except FileCreateError as disk:
                raise OSError(str(disk)) from disk
            except exported_workbook.TooManyRows as too_many:
                raise Failure(f"{too_many}.", "Export one shop with --tenant, or --as csv.") from too_many
        elif kind == "duckdb":
            counts = exported_snapshots.to_duckdb(source, target)
        else:
            counts = exported_snapshots.to_folder(source, target, kind)
    except NoSuchTenant as unknown:
        raise Failure(f"T{str(unknown)[1:]}.", "GET /v1/tenants lists them.") from None
    except (Unavailable, Unreachable) as away:
        raise Failure(f"{str(away)[:1].upper()}{str(away)[1:]}.", "`rustok status` shows what is down.") from away
    except (OSError, duckdb.IOException) as disk:
        raise Failure(
            f"{target} cannot be written: {disk}.", "See whether its folder is there and has space."
        ) from disk
    as_of = f"complete up to {source.as_of:%Y-%m-%d %H:%M:%S} UTC" if source.as_of else "nobody vouches for a moment"
    click.echo(f"{target}: {as_of}; " + ", ".join(f"{rows:,} {name}" for name, rows in counts.items()))


def _source(settings: Settings, model: ReadModel, slug: str | None, pinned: str | None) -> Source:
    if not isinstance(model.store, InDuckDB):
        raise Failure(f"{model.name} is in no tables.", "`rustok sinks snapshot` says where its file is.")
    tenant_id = None
    if slug is not None:
        with open_write_model(settings.postgres_url) as tables:
            (owner,) = tables.owners([slug])
        tenant_id = owner.id
    if pinned is not None:
        path = pin_command.path_of(settings.analytics_dir, model.name, pinned)
        as_of = pinned_snapshots.find(settings.analytics_dir, model.name, pinned).as_of
    else:
        current = snapshots.current(snapshots.live_folder(settings.analytics_dir, model.name).resolve())
        if current is None:
            raise Unavailable(f"the {model.name} feed has not published a snapshot yet", retry_after_s=5)
        path, as_of = current.path, model.complete(current.freshness).as_of
    return Source(path=path, model=model.name, facts=tuple(model.store.shape), as_of=as_of, tenant_id=tenant_id)
