"""`rustok streams resync --since-gap`: what the operator sees of it."""

import json
from dataclasses import asdict

import click
import psycopg
from rich.console import Console

from ops.clients import postgres
from ops.failure import Failure
from ops.settings import Settings
from schemas.write_model import Unreachable, open_write_model
from sinks.sink import Unavailable
from sinks.verify_model import DoesNotAdvance
from streams import close_gap, gaps_command, open_gaps, reemit_state
from streams.open_gaps import OpenGap

BY = "rustok streams resync --since-gap"


def run(settings: Settings, rate: str | None, *, as_json: bool) -> None:
    try:
        limit = None if rate is None else reemit_state.rate_per_s(rate)
    except ValueError as wrong:
        raise click.BadParameter(str(wrong), param_hint="--rate") from None
    try:
        with postgres.connect(settings.postgres_url, autocommit=True) as connection:
            found = open_gaps.listed(connection)
            _refuse_what_needs_more(found)
            done = _resync(settings, found, limit)
            closed = open_gaps.close(connection, found, BY)
    except (psycopg.OperationalError, Unreachable) as down:
        raise Failure("PostgreSQL does not answer.", "Bring it back, and run this again: it goes on.") from down
    except Unavailable as away:
        raise Failure(f"{str(away)[:1].upper()}{str(away)[1:]}.", "Bring it back, and run this again.") from away
    except close_gap.NotReadAgain as early:
        raise Failure(
            f"{str(early)[:1].upper()}{str(early)[1:]}.", "Start capture; `rustok status` shows it."
        ) from early
    except (close_gap.StillDiffers, DoesNotAdvance) as wrong:
        raise Failure(
            f"{wrong}. The gaps stay open.", "`rustok sinks verify` says what differs; run this again."
        ) from wrong
    if as_json:
        click.echo(json.dumps({"gaps": len(found), "closed": closed, **asdict(done)}))
    else:
        click.echo(f"{closed} of {len(found)} gaps closed")
    if closed < len(found):
        raise Failure("A gap was opened once more meanwhile.", "Run this again.")


def _refuse_what_needs_more(found: list[OpenGap]) -> None:
    for one in found:
        command = gaps_command.closed_by(one)
        if command != BY:
            raise Failure(
                f"Gap {one.id} is of the {one.kind}: {one.detail}.", f"`{command}` closes it, and all others."
            )


def _resync(settings: Settings, found: list[OpenGap], limit: float | None) -> close_gap.ClosedGap:
    if not found:
        return close_gap.ClosedGap()
    console = Console(stderr=True)
    with open_write_model(settings.postgres_url) as keeper, console.status("resync") as status:
        return close_gap.resync(settings, keeper, found, limit, lambda text: status.update(text))
