"""Starts `rustok`, a group of commands that the rooms bring along.

The verbs below are its own; the other rooms add theirs through the entry points `rustok.commands`. Each is imported
only when it is asked for, so that `rustok --help` answers at once. A `Failure` becomes two sentences and exit code 2;
so does a neighbour that does not answer where nobody expected it, with exit code 1: later it may.
"""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points

import click

from ops.failure import Failure
from ops.neighbour_away import as_failure
from ops.quiet_end import end_quietly

OWN = {
    "up": ("ops.commands.up", "Start the servers and our processes."),
    "down": ("ops.commands.down", "Stop everything that `up` started."),
    "restart": ("ops.commands.restart", "Restart one of our processes, and wait until it works."),
    "status": ("ops.commands.status", "What runs, and how fresh the read models are."),
    "backup": ("ops.commands.backup", "Copy everything that nobody could make again."),
    "restore": ("ops.commands.restore", "Bring a stack back from a backup."),
    "scheduler": ("ops.commands.scheduler", "Do what has to be done again and again, until SIGTERM."),
    "demo": ("ops.demo.commands", "Import a real grocer's year and compare the figures."),
    "test": ("ops.commands.test", "Format, lint, types, layers and all tests."),
    "chaos": ("ops.chaos.commands", "Kill everything at random, and count what is lost."),
    "bench": ("ops.bench.commands", "Measure the chain beside its baselines."),
    "dev": ("ops.commands.dev", "What maintainers do: renew the locks, render what follows from the code."),
}
ROOMS = {
    "after-restore": "Make the history of a PostgreSQL that was put back the one that counts.",
    "api": "The HTTP API: serve it, migrate its tables, issue tokens.",
    "schemas": "The events: list, render and check them.",
    "sinks": "The read models.",
    "streams": "The log: topics, capture, feeds and dead letters.",
}
FAILED = 2
#: Whoever watches over a process begins it again.
MAY_WORK_LATER = 1


class Rooms(click.Group):
    """A group whose commands are imported when they are needed, and may not be there yet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*OWN, *sorted(self._entries())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in OWN:
            return _load(EntryPoint(cmd_name, f"{OWN[cmd_name][0]}:{cmd_name}", "rustok.commands"))
        entry = self._entries().get(cmd_name)
        return _load(entry) if entry else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self._lines()))

    def _lines(self) -> Iterator[tuple[str, str]]:
        yield from ((name, text) for name, (_, text) in OWN.items())
        yield from ((name, ROOMS.get(name, "")) for name in sorted(self._entries()))

    def _entries(self) -> dict[str, EntryPoint]:
        return {entry.name: entry for entry in entry_points(group="rustok.commands")}


@click.group(cls=Rooms, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rustok")
def rustok() -> None:
    """RusToK: commerce and content whose read models are rebuilt from the log."""


def main() -> None:
    end_quietly()
    try:
        rustok(prog_name="rustok")
    except Failure as failure:
        click.echo(f"\n{failure.what}\n{failure.remedy}", err=True)
        sys.exit(FAILED)
    except ValueError as wrong:
        if not _is_of_settings(wrong):
            raise
        from ops.settings import complaints

        click.echo("\n".join(["", *complaints(wrong), "docs/settings.md says what they may be."]), err=True)
        sys.exit(FAILED)
    except Exception as raised:
        if (away := as_failure(raised)) is None:
            raise
        click.echo(f"\n{away.what}\n{away.remedy}", err=True)
        sys.exit(MAY_WORK_LATER)


def _is_of_settings(wrong: ValueError) -> bool:
    """As pydantic says it, and, of what is no JSON, who reads them for it."""
    return getattr(wrong, "title", "") == "Settings" or type(wrong).__module__.startswith("pydantic_settings")


def _load(entry: EntryPoint) -> click.Command:
    try:
        command: click.Command = entry.load()
    except ModuleNotFoundError as missing:
        if not f"{entry.module}.".startswith(f"{missing.name}."):
            raise
        raise Failure(
            f"`rustok {entry.name}` is not part of this installation: there is no {missing.name}.",
            "Install the whole project, or leave this command out.",
        ) from missing
    from ops.command_logs import log_to_standard_error

    log_to_standard_error()
    return command


if __name__ == "__main__":
    main()
