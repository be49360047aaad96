"""Runs `rustok schemas list|show`: which events there are, and how they look in Avro."""

import json

import click

from schemas import avro_schema
from schemas.evolving.event_guess import no_event


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of a table.")
def list_(as_json: bool) -> None:
    """Every event with its newest version, its topic and who answers for it."""
    from schemas.aggregates import AGGREGATES
    from schemas.topics import of_aggregate

    rows = [
        {
            "event": history.event_type,
            "version": history.newest_version,
            "topic": of_aggregate(aggregate.name),
            "owner": aggregate.owner,
        }
        for aggregate in AGGREGATES
        for history in aggregate.histories
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(f"{row['event']:<22} v{row['version']}  {row['topic']:<18} {row['owner']}")


@click.command()
@click.argument("event")
@click.option("--version", type=int, help="Which version, from 1. Default: the newest.")
def show(event: str, version: int | None) -> None:
    """The Avro schema of EVENT, e.g. `order.placed`."""
    from schemas.event_catalogue import BY_TYPE

    history = BY_TYPE.get(event)
    if history is None:
        raise click.BadParameter(no_event(event, BY_TYPE))
    wanted = history.newest_version if version is None else version
    if not 1 <= wanted <= history.newest_version:
        raise click.BadParameter(f"{event} has the versions 1 to {history.newest_version}")
    click.echo(avro_schema.text(history, wanted), nl=False)
