"""`rustok sinks`: what is there to read, and where it lives."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from ops.settings import Settings
from sinks import mirror_commands, question_commands, rebuild_commands, snapshot_commands


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
@click.option("--fix", is_flag=True, help="Set the number of copies as RUSTOK_OPENSEARCH_REPLICAS says; shards stay.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of a table.")
@click.pass_context
def indices(context: click.Context, *, fix: bool, as_json: bool) -> None:
    """Show over how many shards and copies the indices are spread, and what is set otherwise.

    Exits with 1 when an index is not as it is set.
    """
    from sinks import indices_command

    context.exit(0 if indices_command.run(Settings(), fix=fix, as_json=as_json) else 1)


@sinks.command()
@click.option("--gaps", "most_gaps", type=click.IntRange(min=0), default=20, help="Show so many gaps. Default: 20.")
@click.option("--re-emit", "reemit", is_flag=True, help="Emit again what gaps lack, as far as the outbox has it.")
@click.option("--since", metavar="MOMENT", help="With --re-emit: all that the outbox has since then, and no report.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def archive(context: click.Context, most_gaps: int, since: str | None, *, reemit: bool, as_json: bool) -> None:
    """Prove that the event archive has every version of everything once, and name what it lacks.

    Exits with 1 when an event was lost since the archive began, or what is in it does not add up.
    """
    from sinks.analytics import event_archive
    from sinks.archive import archive_command

    if since is not None:
        archive_command.emit_since(Settings(), event_archive.MODEL, _moment(since, reemit=reemit), as_json=as_json)
        return
    is_complete = archive_command.run(
        Settings(), event_archive.MODEL, most_gaps=most_gaps, reemit=reemit, as_json=as_json
    )
    context.exit(0 if is_complete else 1)


def _moment(text: str, *, reemit: bool) -> datetime:
    if not reemit:
        raise click.UsageError("--since is for --re-emit.")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as strange:
        raise click.BadParameter(f"{text} is no moment such as 2026-11-30T05:00:00Z") from strange
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@sinks.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def copy(folder: Path, *, as_json: bool) -> None:
    """Copy into FOLDER what no table keeps: the event archive and what was searched for, each as of one moment.

    Their feeds go on meanwhile. `rustok backup` does this.
    """
    from sinks import copy_command

    copy_command.run(Settings(), folder, as_json=as_json)


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
@click.option("--reconcile", is_flag=True, help="Compare with the tables, the archive and search, too.")
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

    MODEL is sales or searches: what readers see. With its version, as sales-v5, it is this code's, which waits for a
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


for _command in (
    snapshot_commands.snapshot,
    snapshot_commands.pin,
    snapshot_commands.unpin,
    snapshot_commands.pins,
    snapshot_commands.export,
    question_commands.ask_sql,
    question_commands.shell,
    question_commands.metrics,
    mirror_commands.bi,
    mirror_commands.lake,
    rebuild_commands.rebuild,
):
    sinks.add_command(_command)
