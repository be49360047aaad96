"""`rustok streams`: what a platform engineer runs at the shell."""

import json
import sys

import click

from ops.failure import Failure
from ops.instances import claim
from ops.settings import Settings
from streams.dead_letters.commands import dead_letters


@click.group()
def streams() -> None:
    """The log: topics, capture, feeds and dead letters."""


streams.add_command(dead_letters)


@streams.command()
@click.option("--replication-factor", type=click.IntRange(min=1), help="In place of RUSTOK_KAFKA_REPLICATION.")
@click.option("--fix", is_flag=True, help="Set what differs as it is declared; partitions are never changed.")
@click.option(
    "--moves", is_flag=True, help="Print where copies are to be, for kafka-reassign-partitions; nothing else."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of a table.")
def topics(replication_factor: int | None, *, fix: bool, moves: bool, as_json: bool) -> None:
    """Create the topics that are missing; say what differs from what is declared.

    Fails when a topic could forget what must stay.
    """
    from streams.topics_command import run, show_moves

    if moves:
        show_moves(Settings(), replication_factor)
        return
    run(Settings(), replication_factor, fix=fix, as_json=as_json)


@streams.command()
@click.option("--wait", "wait_s", type=click.FloatRange(min=0), default=600, show_default=True, help="Seconds at most.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of a table.")
def repartition(wait_s: float, *, as_json: bool) -> None:
    """Give topics of events as many partitions as RUSTOK_KAFKA_PARTITIONS says, more than they have.

    Nothing is sent to Kafka while everybody who reads comes to the end of what is there, so that the order of each
    aggregate's events stays; commands go on. May be ended at any moment and run again.
    """
    from streams.repartition_command import run

    run(Settings(), wait_s, as_json=as_json)


_INSTANCE = click.option(
    "--instance", default="", metavar="NAME", help="What this one is called among its like. Default: the next number."
)


@streams.command()
@_INSTANCE
def capture(instance: str) -> None:
    """Carry committed outbox rows to Kafka, until SIGTERM. A second one stands by."""
    from streams.capture.capture_process import run

    settings = Settings()
    sys.exit(run(settings, claim=claim(settings, "capture", instance)))


@streams.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--beside",
    metavar="BUILD",
    help="Feed this build of the one NAME, as v6-b2, until standard input ends; readers are not led to it.",
)
@_INSTANCE
def feed(names: tuple[str, ...], beside: str | None, instance: str) -> None:
    """Feed the read model NAME (`rustok sinks list` names them) until SIGTERM; of several names all, in one process.

    Several processes for one share the work, or one stands by while the other has the store. `rustok sinks rebuild`
    begins one with --beside, which nobody else needs.
    """
    from ops import telemetry
    from ops.feeds import all_feeds
    from ops.setting_names import require_known
    from sinks.read_models import READ_MODELS

    models = {model.name: model for model in READ_MODELS}
    feeds = {feed.name: feed for feed in all_feeds()}
    for name in names:
        if name not in models:
            raise Failure(f"There is no feed {name}.", f"These are fed: {', '.join(models)}.")
    from streams.app import run
    from streams.feeds_of_process import ToFeed

    settings, chosen = Settings(), [feeds[name] for name in dict.fromkeys(names)]
    require_known(settings)
    telemetry.configure(settings, process=",".join(one.process for one in chosen))
    if beside is not None:
        from streams import feed_beside

        if len(chosen) > 1:
            raise click.UsageError("--beside is about one NAME.")
        feed_beside.run(settings, models[chosen[0].name], chosen[0].as_set(settings), beside)
        return
    run(
        settings,
        [ToFeed(models[one.name], one.as_set(settings), claim(settings, one.process, instance)) for one in chosen],
    )


@streams.command()
@_INSTANCE
def webhooks(instance: str) -> None:
    """Deliver events to the webhooks of shops until SIGTERM; several share the work."""
    from ops import telemetry
    from streams.webhooks.webhooks_process import PROCESS, run

    settings = Settings()
    telemetry.configure(settings, process=PROCESS)
    run(settings, claim(settings, PROCESS, instance))


@streams.command()
@click.argument("name", metavar="FEED")
@click.argument("topic")
@click.argument("partition", type=click.IntRange(min=0))
@click.argument("offset", type=click.IntRange(min=0))
@click.option("--reason", required=True, help="Why nobody needs it in this read model; it is kept.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def skip(name: str, topic: str, partition: int, offset: int, reason: str, as_json: bool) -> None:
    """Let FEED pass over one record that it cannot get past: the one at TOPIC, PARTITION, OFFSET.

    The feed makes a dead letter of it that says who decided so, when and why; it can be replayed like any other.
    """
    from streams.feeding.skip_or_accept_records import pass_over

    done = pass_over(Settings(), name, topic, partition, offset, reason)
    click.echo(json.dumps(done.as_json()) if as_json else f"{done.feed} passes over {topic}/{partition}/{offset}")


@streams.command("accept-refusals")
@click.argument("name", metavar="FEED")
@click.option("--minutes", type=click.IntRange(1, 24 * 60), required=True, help="For how long.")
@click.option("--reason", required=True, help="Why the records are bad indeed, and not our code; it is kept.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def accept_refusals(name: str, minutes: int, reason: str, as_json: bool) -> None:
    """Let FEED refuse as many records as there are for a while, and not wait because there are so many.

    For a flood of bad records that is known: each of them still becomes a dead letter.
    """
    from streams.feeding.skip_or_accept_records import accept

    done = accept(Settings(), name, minutes, reason)
    click.echo(
        json.dumps(done.as_json()) if as_json else f"{done.feed} refuses what is bad until {done.until:%H:%M} UTC"
    )


@streams.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def audit(as_json: bool) -> None:
    """Compare Kafka with the outbox, record by record; fails when anything is missing or out of order."""
    from dataclasses import asdict

    from streams.audit_log import audit as compare

    settings = Settings()
    found = compare(settings.postgres_url, settings.kafka, settings.outbox_keep_h)
    if as_json:
        click.echo(json.dumps(asdict(found)))
    else:
        click.echo(f"{found.committed:,} committed, {found.in_kafka:,} in Kafka, {found.duplicated:,} sent again")
        click.echo(
            f"{found.missing} missing, {found.out_of_order} out of order, {found.rolled_back_seen} never committed"
        )
        for example in found.examples:
            click.echo(f"  {example}")
    sys.exit(0 if found.is_right else 1)


@streams.command()
@click.option("--all", "closed_too", is_flag=True, help="Closed ones too.")
@click.option("--close", "close_id", type=int, default=None, metavar="ID", help="Close it; nothing is emitted again.")
@click.option("--reason", default="", help="Why nothing is missing; kept with the gap.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of a table.")
def gaps(closed_too: bool, close_id: int | None, reason: str, as_json: bool) -> None:
    """Show where the log may lack committed events, and what closes it. Exits with 1 while one is open."""
    from streams.gaps_command import run

    sys.exit(0 if run(Settings(), closed_too=closed_too, close_id=close_id, reason=reason, as_json=as_json) else 1)


@streams.command()
@click.option("--since-gap", is_flag=True, required=True, help="All that a gap that is open may lack.")
@click.option("--rate", default=None, metavar="N/s", help="At most so many aggregates a second. Default: no limit.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document at the end.")
def resync(since_gap: bool, rate: str | None, as_json: bool) -> None:
    """Emit again what open gaps may lack, compare the read models with the tables, and close the gaps.

    May be ended at any moment and run again: it goes on where it was.
    """
    from streams.resync_command import run

    run(Settings(), rate, as_json=as_json)


@streams.command("re-emit")
@click.argument("aggregate")
@click.option("--tenant", "slugs", multiple=True, help="Only this shop's; several times for several. Default: all.")
@click.option("--rate", default=None, metavar="N/s", help="At most so many aggregates a second. Default: no limit.")
@click.option("--resume", is_flag=True, help="Go on with the one that was begun last and did not finish.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document at the end.")
def reemit(aggregate: str, slugs: tuple[str, ...], rate: str | None, resume: bool, as_json: bool) -> None:
    """Emit again, through the outbox, what every AGGREGATE (product, order, …) is now.

    After a lost slot or a damaged topic. Read models that hold the same or more are left as they are.
    """
    from streams.reemit_command import run

    run(Settings(), aggregate, slugs, rate, resume=resume, as_json=as_json)
