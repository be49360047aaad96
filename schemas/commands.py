"""`rustok schemas`: what a schema maintainer asks and does at the shell.

What can be said only with the consumers in sight is added by the rooms that know them, through the entry points
`rustok.schemas`; each is imported when it is asked for.
"""

import json
import sys
from importlib.metadata import EntryPoint, entry_points

import click

from schemas import rendering
from schemas.catalogue import HISTORIES
from schemas.topics import of_aggregate


class Maintaining(click.Group):
    """Its own commands, and those of the rooms that stand on the events."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_further()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in _further():
            return own
        command: click.Command = _further()[cmd_name].load()
        return command


@click.group(cls=Maintaining)
def schemas() -> None:
    """The agreed events: list them, show their Avro form, render the committed files."""


@schemas.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of a table.")
def list_(as_json: bool) -> None:
    """Every event with its newest version and its topic."""
    rows = [
        {"event": history.event_type, "version": history.newest_version, "topic": of_aggregate(history.aggregate)}
        for history in HISTORIES
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(f"{row['event']:<22} v{row['version']}  {row['topic']}")


@schemas.command()
@click.argument("event")
@click.option("--version", type=int, help="Which version, from 1. Default: the newest.")
def show(event: str, version: int | None) -> None:
    """The Avro schema of EVENT, e.g. `order.placed`."""
    history = next((history for history in HISTORIES if history.event_type == event), None)
    if history is None:
        raise click.BadParameter(f"there is no event {event}; `rustok schemas list` names them all")
    wanted = version or history.newest_version
    if not 1 <= wanted <= history.newest_version:
        raise click.BadParameter(f"{event} has the versions 1 to {history.newest_version}")
    click.echo(rendering.text(history, wanted), nl=False)


@schemas.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when a committed file is not what the code says.")
def render(check: bool) -> None:
    """Write the Avro schema of every version to schemas/avsc."""
    if not check:
        for path in rendering.write_all():
            click.echo(f"wrote {path.name}")
        return
    stale = rendering.stale_files()
    for path in stale:
        click.echo(f"{path.name} is not what the classes say: run `rustok schemas render` and commit the result")
    sys.exit(1 if stale else 0)


def _further() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group="rustok.schemas")}
