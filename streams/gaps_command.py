"""`rustok streams gaps`: what the operator sees of it."""

import getpass
import json
from dataclasses import asdict

import click
import psycopg

from ops.clients import postgres
from ops.failure import Failure
from ops.settings import Settings
from streams import open_gaps
from streams.open_gaps import OpenGap

CLOSED_BY: dict[str, str] = {"database": "rustok after-restore"}


def run(settings: Settings, *, closed_too: bool, close_id: int | None, reason: str, as_json: bool) -> bool:
    """Whether none is open."""
    try:
        with postgres.connect(settings.postgres_url, autocommit=True) as connection:
            if close_id is not None:
                _close(connection, close_id, reason)
            found = open_gaps.listed(connection, closed_too=closed_too)
    except psycopg.OperationalError as down:
        raise Failure("PostgreSQL does not answer.", "`rustok status` shows what is down.") from down
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], default=str, indent=2))
    else:
        for one in found:
            _show(one)
        if not found:
            click.echo("No gap is open.")
    return all(one.closed_at is not None for one in found)


def closed_by(gap: OpenGap) -> str:
    """The command that closes it."""
    return CLOSED_BY.get(gap.kind, "rustok streams resync --since-gap")


def _close(connection: open_gaps.Connection, id_: int, reason: str) -> None:
    if not reason:
        raise click.UsageError("Say with --reason why nothing is missing.")
    these = [one for one in open_gaps.listed(connection) if one.id == id_]
    if not open_gaps.close(connection, these, f"{getpass.getuser()}: {reason}"):
        raise Failure(f"Gap {id_} is not open, or capture does not read again yet.", "`rustok streams gaps --all`.")


def _show(one: OpenGap) -> None:
    opened = one.opened_at.isoformat(timespec="seconds")
    state = f"closed by {one.closed_by}" if one.closed_at else f"open; `{closed_by(one)}` closes it"
    click.echo(f"{one.id:>4}  {one.kind:<11} {opened}  {state}")
    click.echo(f"      {one.detail}")
    click.echo(f"      {', '.join(one.topics)}")
