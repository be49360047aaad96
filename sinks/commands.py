"""`rustok sinks`: what is there to read, and where it lives."""

import json

import click

from ops.settings import Settings


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
def snapshot() -> None:
    """Print the path of the newest published sales file, to open read-only with DuckDB."""
    from sinks.analytics import sales_facts
    from sinks.duckdb import snapshots

    live = snapshots.live_folder(Settings().analytics_dir, sales_facts.MODEL.name)
    current = snapshots.current(live.resolve())
    if current is None:
        raise click.ClickException("no snapshot is published yet; `rustok status` shows whether the sales feed runs")
    click.echo(current.path)


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
