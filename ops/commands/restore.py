"""Defines `rustok restore`: from an empty folder and a backup to a stack that works, in one command.

With `--json` one document: {"backup", "newest", "epoch", "emitted", "documents", "history", "missing", "steps":
{step: seconds}, "seconds", "seconds_per_million_documents"}: `history` is how many events left the outbox once more for
the event archive, `missing` how many it lacks. The last is what a million takes beyond what any restore takes; null
where there were fewer than a thousand.
"""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from ops.backup.restore_stack import Restored
from ops.backup.restore_stack import restore as restore_stack
from ops.settings import Settings


class Moment(click.ParamType):
    """An instant with its offset from UTC."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no moment such as 2026-11-30T05:00:00Z", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value} does not say where on earth: 2026-11-30T05:00:00Z is in UTC", param, ctx)
        return moment


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--at", type=Moment(), metavar="MOMENT", help="Bring it to this moment; else to the newest there is.")
@click.option(
    "--archive",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the log was archived; else RUSTOK_POSTGRES_ARCHIVE_DIR, if it is set.",
)
@click.option("--free-ports", is_flag=True, help="As of `rustok up`.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document at the end.")
def restore(folder: Path, *, at: datetime | None, archive: Path | None, free_ports: bool, as_json: bool) -> None:
    """Bring an empty stack back from a backup: FOLDER is one, or has several.

    Of several it is the newest that can be brought to the moment. PostgreSQL is put back and brought there, everything
    is started, Kafka and the read models are made again from it in a new epoch, and compared with it. May be killed at
    any moment and run again.
    """
    console = Console(stderr=True)
    done = restore_stack(
        Settings(),
        folder.resolve(),
        console,
        at=at,
        archive=None if archive is None else archive.resolve(),
        free_ports=free_ports,
    )
    if as_json:
        click.echo(document(done))
        return
    click.echo(f"restored {done.backup}, as of {done.newest}")
    click.echo(
        f"epoch {done.epoch}: {done.emitted:,} emitted again, {done.documents:,} documents as the tables have them"
    )
    click.echo(f"event archive: {done.missing:,} events missing")
    per_million = done.seconds_per_million
    click.echo(f"{done.seconds} s" + (f"; a million documents take {per_million:,.0f} s" if per_million else ""))


def document(done: Restored) -> str:
    """As described above."""
    return json.dumps(
        {**asdict(done), "seconds": done.seconds, "seconds_per_million_documents": done.seconds_per_million}
    )
