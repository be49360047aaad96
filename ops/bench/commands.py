"""Defines `rustok bench`: each room adds its own through the entry points `rustok.benches`, so that `ops` imports none
of them.
"""

from importlib.metadata import EntryPoint, entry_points

import click


class Benches(click.Group):
    """Each is imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._entries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self._entries().get(cmd_name)
        command: click.Command | None = entry.load() if entry else None
        return command

    def _entries(self) -> dict[str, EntryPoint]:
        return {entry.name: entry for entry in entry_points(group="rustok.benches")}


@click.group(cls=Benches)
def bench() -> None:
    """Measure the chain beside its baselines, in one run, on the running servers."""
