"""Defines `rustok schemas`: what a schema maintainer runs at the shell.

Each command is imported when it is asked for. What can be said only with the consumers in sight is added by the rooms
that know them, through the entry points `rustok.schemas`.
"""

import sys
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

import click

GROUP: Final = "rustok.schemas"
OWN: Final = {
    "list": "schemas.evolving.list_command:list_",
    "show": "schemas.evolving.list_command:show",
    "diff": "schemas.evolving.diff_command:diff",
    "new-version": "schemas.evolving.change_commands:new_version",
    "render": "schemas.evolving.change_commands:render",
    "lint": "schemas.evolving.gate_commands:lint",
    "check": "schemas.evolving.gate_commands:check",
}


class Maintaining(click.Group):
    """Its own commands, and those of the rooms that stand on the events."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*OWN, *sorted(_further())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = {name: EntryPoint(name, place, GROUP) for name, place in OWN.items()}
        found = own.get(cmd_name) or _further().get(cmd_name)
        if found is None:
            return None
        command: click.Command = found.load()
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Whoever edits events makes mistakes in them, and is told where instead of where it was noticed."""
        try:
            return super().invoke(ctx)
        except Exception as failed:
            from schemas.avro_schema import NotRenderable
            from schemas.evolving.source_mistakes import mistake_in
            from schemas.evolving.violations import shown

            if isinstance(failed, NotRenderable):
                raise click.ClickException(f"{failed}. `rustok schemas lint` names the class.") from failed
            mistake = mistake_in(failed)
            if mistake is None:
                raise
            click.echo(shown(mistake), err=True)
            sys.exit(1)


@click.group(cls=Maintaining)
def schemas() -> None:
    """The agreed events: ask about them, change them, and know before merging that nobody breaks."""


def _further() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}
