"""`rustok after-restore`: what the operator sees of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import click
import psycopg
from confluent_kafka import KafkaException
from rich.console import Console

from ops.clients import postgres
from ops.failure import Failure
from ops.settings import Settings

BY = "rustok after-restore"


@click.command("after-restore")
@click.option("--rate", default=None, metavar="N/s", help="At most so many aggregates a second. Default: no limit.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document at the end.")
def after_restore(rate: str | None, as_json: bool) -> None:
    """Make the history of a PostgreSQL that was put back to an older copy the one that counts.

    Begins a new epoch, emits everything again in it, takes back what was never in this history, compares the read
    models with the tables, and closes all gaps. Needs a capture that runs. May be ended at any moment and run again.
    """
    from schemas.event_codec import Decoder
    from schemas.write_model import open_write_model
    from streams import after_restore, open_gaps, reemit_state
    from streams.schema_source import RegistryClient

    settings = Settings()
    try:
        limit = None if rate is None else reemit_state.rate_per_s(rate)
    except ValueError as wrong:
        raise click.BadParameter(str(wrong), param_hint="--rate") from None
    console = Console(stderr=True)
    with (
        _told(),
        postgres.connect(settings.postgres_url, autocommit=True) as connection,
        open_write_model(settings.postgres_url) as keeper,
        console.status("after-restore") as status,
    ):
        found = open_gaps.listed(connection)
        decoder = Decoder(RegistryClient.of(settings, "after-restore"))
        done = after_restore.restore(settings, keeper, decoder, found, limit, lambda text: status.update(text))
        closed = open_gaps.close(connection, found, BY)
    if as_json:
        click.echo(json.dumps({"gaps": len(found), "closed": closed, **asdict(done)}))
    else:
        click.echo(
            f"epoch {done.epoch}: {sum(done.emitted.values())} emitted again, {sum(done.withdrawn.values())} taken back"
        )
        click.echo(f"{closed} of {len(found)} gaps closed")
    if closed < len(found):
        raise Failure("A gap was opened once more meanwhile.", "Run this again.")


@contextmanager
def _told() -> Iterator[None]:
    """What keeps it from its end, as a sentence and what to do."""
    from schemas.write_model import Unreachable
    from sinks.sink import Unavailable
    from sinks.verify_model import DoesNotAdvance
    from streams.close_gap import NotReadAgain, StillDiffers

    again = "`rustok status` shows what is down. Then run this again: it goes on."
    try:
        yield
    except (psycopg.OperationalError, Unreachable) as down:
        raise Failure("PostgreSQL does not answer.", again) from down
    except KafkaException as down:
        raise Failure(f"Kafka does not answer: {down.args[0].str()}.", again) from down
    except (Unavailable, NotReadAgain) as away:
        raise Failure(f"{str(away)[:1].upper()}{str(away)[1:]}.", again) from away
    except (StillDiffers, DoesNotAdvance) as wrong:
        raise Failure(
            f"{wrong}. The gaps stay open.", "`rustok sinks verify` says what differs; run this again."
        ) from wrong
