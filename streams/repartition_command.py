"""`rustok streams repartition`: what the operator sees of it."""

import json
from collections.abc import Callable

import click
import psycopg
from confluent_kafka import KafkaException
from rich.console import Console

from ops.failure import Failure
from ops.settings import Settings
from schemas.topics import CAPTURED
from streams import declared_topics, repartition, topic_descriptions
from streams.capture.pause_capture import Pause, PauseLost, paused
from streams.kafka_unavailable import KafkaUnavailable
from streams.repartition import Fewer, StillBehind, Widening

_RUN_AGAIN = "Capture goes on by itself. Put that right, and run the command again."


def run(settings: Settings, wait_s: float, *, as_json: bool) -> None:
    captured = {topic.name for topic in CAPTURED}
    declared = [topic for topic in declared_topics.of(settings) if topic.name in captured]
    admin = topic_descriptions.connect(settings.kafka)
    try:
        widenings = repartition.to_widen(admin, declared)
        if widenings:
            with Console(stderr=True).status("captures are held up") as status, paused(settings) as pause:
                _widen(settings, widenings, wait_s, pause, status.update)
    except Fewer as fewer:
        raise Failure(f"{fewer}.", "Raise RUSTOK_KAFKA_PARTITIONS to what there is.") from None
    except StillBehind as late:
        raise Failure(
            f"Nothing was changed: {late}.", f"Start or mend them, or wait longer (--wait). {_RUN_AGAIN}"
        ) from None
    except PauseLost as lost:
        raise Failure(
            f"{lost}.",
            f"Should partitions have been made already, events of the last seconds may be read out of order:"
            f" `rustok streams topics` shows how many there are. {_RUN_AGAIN}",
        ) from None
    except (KafkaUnavailable, KafkaException, psycopg.OperationalError) as away:
        raise Failure(f"A server does not answer: {away}.".replace("\n", " "), _RUN_AGAIN) from None
    told = [{"topic": one.topic.name, "before": one.found, "now": one.topic.partitions} for one in widenings]
    if as_json:
        click.echo(json.dumps(told))
    for one in told if not as_json else ():
        click.echo(f"{one['topic']:<26} {one['before']} → {one['now']} partitions")
    if not told and not as_json:
        click.echo("Every topic has the partitions that are declared.")


def _widen(
    settings: Settings, widenings: list[Widening], wait_s: float, pause: Pause, say: Callable[[str], None]
) -> None:
    admin = topic_descriptions.connect(settings.kafka)
    say("everybody reads to the end")
    repartition.until_read(settings.kafka, admin, widenings, wait_s, pause.check)
    repartition.widen(admin, widenings)
    pause.check()
    say("everybody takes up the new partitions")
    if lacking := repartition.until_given(admin, widenings, pause.check):
        click.echo(f"{', '.join(lacking)} did not take them up yet, and will when they look again.", err=True)
