"""`rustok sinks`: what is there to read, and where it lives."""

import json
from pathlib import Path
from typing import Final

import click

from ops.settings import Settings

#: Read models that are read as DuckDB files, and those of them whose tables are facts: they are mirrored.
_IN_DUCKDB: Final = click.Choice(("sales", "searches", "event-archive"))
_OF_FACTS: Final = click.Choice(("sales", "searches"))


@click.group()
def sinks() -> None:
    """The read models."""


@sinks.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of a table.")
def list_(as_json: bool) -> None:
    """Every read model with its version, its topics and where it lives."""
    from sinks.read_models import READ_MODELS

    settings = Settings()
    if as_json:
        rows = [
            {
                "name": model.name,
                "version": model.version,
                "topics": [topic.name for topic in model.topics],
                "place": model.place(settings),
            }
            for model in READ_MODELS
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    for model in READ_MODELS:
        topics = ", ".join(topic.name for topic in model.topics)
        click.echo(f"{model.name:<16} v{model.version}  {topics}\n    {model.place(settings)}")


@sinks.command()
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


@sinks.command()
@click.argument("model", metavar="MODEL", type=_IN_DUCKDB)
@click.argument("name", metavar="NAME")
def pin(model: str, name: str) -> None:
    """Keep the newest snapshot of MODEL for ever, as NAME, and print its path."""
    from sinks import pin_command

    pin_command.pin(Settings().analytics_dir, model, name)


@sinks.command()
@click.argument("model", metavar="MODEL", type=_IN_DUCKDB)
@click.argument("name", metavar="NAME")
def unpin(model: str, name: str) -> None:
    """Remove the pinned snapshot NAME of MODEL."""
    from sinks import pin_command

    pin_command.unpin(Settings().analytics_dir, model, name)


@sinks.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of a table.")
def pins(*, as_json: bool) -> None:
    """Every pinned snapshot, with the moment it is of, its size and its path."""
    from sinks import pin_command

    pin_command.show(Settings().analytics_dir, as_json=as_json)


@sinks.command()
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


@sinks.command("sql")
@click.argument("statement", metavar="[SQL]", required=False)
@click.option(
    "--describe", "described", is_flag=True, help="List the tables and views, or the columns of the one named."
)
@click.option("--model", "name", type=_IN_DUCKDB, default="sales", show_default=True, help="Which read model to ask.")
@click.option("--tenant", metavar="SLUG_OR_ID", help="Only this shop's rows, without a condition.")
@click.option("--pinned", metavar="NAME", help="Of the snapshot that was pinned under this name.")
@click.option("--as", "kind", type=click.Choice(("table", "json", "csv")), default="table", show_default=True)
@click.option("--timezone", default="UTC", show_default=True, help="In which moments are shown and days are cut.")
def ask_sql(
    statement: str | None,
    *,
    described: bool,
    name: str,
    tenant: str | None,
    pinned: str | None,
    kind: str,
    timezone: str,
) -> None:
    """Ask the newest snapshot of a read model in SQL; - reads the statement from stdin.

    Exits with 1 when the statement cannot be carried out.
    """
    from sinks import sql_command

    if statement is None and not described:
        raise click.UsageError("Say what to ask, or --describe what there is.")
    with sql_command.session(Settings(), name, tenant=tenant, pinned=pinned, timezone=timezone) as opened:
        if described:
            sql_command.describe(opened, statement)
        else:
            sql_command.ask(opened, sql_command.text_of(statement or ""), kind)


@sinks.command()
@click.option("--model", "name", type=_IN_DUCKDB, default="sales", show_default=True, help="Which read model to ask.")
@click.option("--tenant", metavar="SLUG_OR_ID", help="Only this shop's rows, without a condition.")
@click.option("--pinned", metavar="NAME", help="Of the snapshot that was pinned under this name.")
@click.option("--timezone", default="UTC", show_default=True, help="In which moments are shown and days are cut.")
@click.option("--plain", is_flag=True, help="The prompt, also where harlequin is installed.")
def shell(*, name: str, tenant: str | None, pinned: str | None, timezone: str, plain: bool) -> None:
    """Ask one snapshot in SQL again and again: in harlequin where it is installed, or at a prompt.

    With --tenant it is always the prompt.
    """
    from sinks import sql_command, sql_shell

    with sql_command.session(Settings(), name, tenant=tenant, pinned=pinned, timezone=timezone) as opened:
        if tenant is None and not plain:
            sql_shell.open_harlequin(opened)
        sql_shell.run(opened)


@sinks.command()
@click.option("--gaps", "most_gaps", type=click.IntRange(min=0), default=20, help="Show so many gaps. Default: 20.")
@click.option("--re-emit", "reemit", is_flag=True, help="Emit again what gaps lack, as far as the outbox has it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def archive(context: click.Context, most_gaps: int, *, reemit: bool, as_json: bool) -> None:
    """Prove that the event archive has every version of everything once, and name what it lacks.

    Exits with 1 when an event was lost since the archive began, or what is in it does not add up.
    """
    from sinks.analytics import event_archive
    from sinks.archive import archive_command

    is_complete = archive_command.run(
        Settings(), event_archive.MODEL, most_gaps=most_gaps, reemit=reemit, as_json=as_json
    )
    context.exit(0 if is_complete else 1)


@sinks.command()
@click.argument("name", metavar="[METRIC]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def metrics(name: str | None, *, as_json: bool) -> None:
    """Every metric, or METRIC: what it means, how it is worked out, and what it may be added up over."""
    from sinks import metrics_command

    metrics_command.show(name, as_json=as_json)


@sinks.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when the page is not as it should be.")
def doc(check: bool) -> None:
    """Write docs/analytics-tables.md from what declares the tables. For who changes one."""
    from sinks.analytics import tables_page

    page, told = tables_page.PAGE, tables_page.text()
    if check:
        raise SystemExit(0 if page.is_file() and page.read_text() == told else 1)
    page.write_text(told)
    click.echo(f"wrote docs/{page.name}")


@sinks.command()
@click.argument("model", metavar="[MODEL]", required=False)
@click.option("--pinned", metavar="NAME", help="The snapshot that was pinned under this name; it is not certified.")
@click.option("--reconcile", is_flag=True, help="Compare every order with the tables, too; asks PostgreSQL.")
@click.option("--docs", type=click.Path(path_type=Path, file_okay=False), help="Write pages to read into this folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def check(
    context: click.Context,
    model: str | None,
    pinned: str | None,
    docs: Path | None,
    *,
    reconcile: bool,
    as_json: bool,
) -> None:
    """Check the newest snapshot of MODEL, or of each model, and certify it when it is sound.

    MODEL is sales or searches: what readers see. With its version, as sales-v3, it is this code's, which waits for a
    check while readers are led to an older one.

    Exits with 1 when a critical expectation failed.
    """
    from sinks.quality import check_command

    if pinned is not None and model is None:
        raise click.UsageError("--pinned needs a MODEL.")
    if pinned is not None and reconcile:
        raise click.UsageError("--pinned and --reconcile exclude each other: the tables have gone on.")
    wanted = check_command.Wanted(pinned=pinned, docs=docs, reconcile=reconcile)
    is_sound = check_command.run(Settings(), model, wanted, as_json=as_json)
    context.exit(0 if is_sound else 1)


@sinks.command()
@click.option("--certified", "of", flag_value="certified", help="From the newest snapshot that was found sound.")
@click.option("--newest", "of", flag_value="newest", help="From the newest there is.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def bi(of: str | None, *, as_json: bool) -> None:
    """Bring the tables for BI tools up to date now; RUSTOK_BI_OF says of which snapshot, if nothing here does."""
    from sinks.bi import bi_command

    settings = Settings()
    bi_command.run(settings, "certified" if (of or settings.bi_of) == "certified" else "newest", as_json=as_json)


@sinks.command()
@click.argument("model", metavar="[MODEL]", required=False, type=_OF_FACTS)
@click.option("--certified", is_flag=True, help="The newest snapshot that has passed `rustok sinks check`.")
@click.option("--remove", is_flag=True, help="Take its tables out of the lake, with all their files.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def lake(model: str | None, *, certified: bool, remove: bool, as_json: bool) -> None:
    """Mirror the newest snapshot of MODEL, or of each model, as Iceberg tables for Spark, Trino and others.

    What is in the lake already is not written again. The scheduler does this every RUSTOK_LAKE_EVERY_S seconds.
    """
    from sinks.lake import lake_command

    if remove and certified:
        raise click.UsageError("--remove and --certified exclude each other.")
    if remove:
        lake_command.remove(Settings(), model, as_json=as_json)
    else:
        lake_command.run(Settings(), model, certified=certified, as_json=as_json)


@sinks.command()
def golden() -> None:
    """Write the golden files of read models that are new or have a new version. For who changes one."""
    from sinks import golden_models
    from sinks.read_models import READ_MODELS

    for model in READ_MODELS:
        click.echo(f"{model.id}: {'written' if golden_models.write(model) else 'as it was'}")


@sinks.command()
@click.argument("name", metavar="MODEL")
@click.option("--tenant", "slugs", multiple=True, help="Only this shop's documents; several times for several.")
@click.option("--sample", type=click.IntRange(min=1), help="About so many documents of each collection, by chance.")
@click.option("--full", is_flag=True, help="Every document. This is the default.")
@click.option("--repair", is_flag=True, help="Put right what is found, and look again.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def verify(
    context: click.Context,
    name: str,
    slugs: tuple[str, ...],
    sample: int | None,
    *,
    full: bool,
    repair: bool,
    as_json: bool,
) -> None:
    """Compare the read model MODEL with the tables it is made from, field by field.

    Exits with 1 when a document is missing, extra, stale or different (after the repair, with --repair).
    """
    from sinks import verify_command

    if full and sample is not None:
        raise click.UsageError("--full and --sample exclude each other.")
    is_right = verify_command.run(Settings(), name, slugs, sample, repair=repair, as_json=as_json)
    context.exit(0 if is_right else 1)
