"""`rustok sinks`: snapshots are found, kept and taken elsewhere."""

from pathlib import Path
from typing import Final

import click

from ops.settings import Settings

#: Read models that are read as DuckDB files.
_IN_DUCKDB: Final = click.Choice(("sales", "searches", "event-archive"))


@click.command()
@click.argument("name", metavar="[MODEL]", default="sales", type=_IN_DUCKDB)
@click.option("--pinned", metavar="NAME", help="The one that was pinned under this name.")
@click.option("--certified", is_flag=True, help="The newest one that has passed `rustok sinks check`.")
def snapshot(name: str, pinned: str | None, *, certified: bool) -> None:
    """Print the path of the newest published file of MODEL (sales), to open read-only with DuckDB."""
    from sinks.duckdb import certified_snapshots, snapshots

    if pinned is not None and certified:
        raise click.UsageError("--pinned and --certified exclude each other.")
    if certified:
        found = certified_snapshots.newest(snapshots.live_folder(Settings().analytics_dir, name).resolve())
        if found is None:
            raise click.ClickException(f"no snapshot is certified yet; `rustok sinks check {name}` says why")
        click.echo(found.path)
        return
    if pinned is not None:
        from sinks import pin_command

        click.echo(pin_command.path_of(Settings().analytics_dir, name, pinned))
        return
    current = snapshots.current(snapshots.live_folder(Settings().analytics_dir, name).resolve())
    if current is None:
        raise click.ClickException(f"no snapshot is published yet; `rustok status` shows whether the {name} feed runs")
    click.echo(current.path)


@click.command()
@click.argument("model", metavar="MODEL", type=_IN_DUCKDB)
@click.argument("name", metavar="NAME")
def pin(model: str, name: str) -> None:
    """Keep the newest snapshot of MODEL for ever, as NAME, and print its path."""
    from sinks import pin_command

    pin_command.pin(Settings().analytics_dir, model, name)


@click.command()
@click.argument("model", metavar="MODEL", type=_IN_DUCKDB)
@click.argument("name", metavar="NAME")
def unpin(model: str, name: str) -> None:
    """Remove the pinned snapshot NAME of MODEL."""
    from sinks import pin_command

    pin_command.unpin(Settings().analytics_dir, model, name)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of a table.")
def pins(*, as_json: bool) -> None:
    """Every pinned snapshot, with the moment it is of, its size and its path."""
    from sinks import pin_command

    pin_command.show(Settings().analytics_dir, as_json=as_json)


@click.command()
@click.argument("name", metavar="MODEL", type=click.Choice(("sales", "searches")))
@click.option("--to", "target", required=True, type=click.Path(path_type=Path), help="File, or folder, to write.")
@click.option(
    "--as",
    "kind",
    type=click.Choice(("duckdb", "parquet", "csv", "xlsx")),
    default="duckdb",
    show_default=True,
    help="One DuckDB file; a folder of Parquet or CSV files; an Excel workbook of the views.",
)
@click.option("--tenant", "slug", help="Only this shop's rows.")
@click.option("--pinned", metavar="NAME", help="Of the snapshot that was pinned under this name.")
def export(name: str, target: Path, kind: str, slug: str | None, pinned: str | None) -> None:
    """Write what the newest snapshot of MODEL has as files that can be taken elsewhere."""
    from sinks import export_command, read_models

    model = read_models.named(name)
    assert model is not None  # noqa: S101  # it is one of the choices
    export_command.run(Settings(), model, target, kind, slug=slug, pinned=pinned)
