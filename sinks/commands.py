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
    from sinks.analytics import sales_facts
    from sinks.opensearch import index_name
    from sinks.search import product_documents

    settings = Settings()
    search, sales = product_documents.MODEL, sales_facts.MODEL
    indices = ", ".join(index_name(projection.collection, search.version) for projection in search.projections)
    places = ((search, f"{settings.opensearch_url} {indices}"), (sales, str(settings.analytics_dir / sales.id)))
    if as_json:
        rows = [
            {
                "name": model.name,
                "version": model.version,
                "topics": [topic.name for topic in model.topics],
                "place": place,
            }
            for model, place in places
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    for model, place in places:
        click.echo(f"{model.name:<16} v{model.version}  {', '.join(topic.name for topic in model.topics)}\n    {place}")


@sinks.command()
def snapshot() -> None:
    """Print the path of the newest published sales file, to open read-only with DuckDB."""
    from sinks.analytics import sales_facts, snapshots

    current = snapshots.current(Settings().analytics_dir / sales_facts.MODEL.id)
    if current is None:
        raise click.ClickException("no snapshot is published yet; `rustok status` shows whether the sales feed runs")
    click.echo(current.path)
