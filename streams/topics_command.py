"""`rustok streams topics`: what the operator sees of it."""

import json
from dataclasses import asdict

import click

from ops.failure import Failure
from ops.settings import Settings
from streams import declared_topics, make_topics, topic_settings
from streams.kafka_unavailable import KafkaUnavailable
from streams.make_topics import TopicOutcome


def run(settings: Settings, replication_factor: int | None, *, fix: bool, as_json: bool) -> None:
    copies = replication_factor or make_topics.CLUSTER_DEFAULT
    try:
        outcomes = make_topics.make(settings.kafka, declared_topics.of(settings), replication_factor=copies, fix=fix)
    except KafkaUnavailable as unavailable:
        raise Failure(str(unavailable), "Start it with `rustok up`, or correct RUSTOK_KAFKA_BOOTSTRAP.") from None
    if as_json:
        click.echo(json.dumps([_row(outcome) for outcome in outcomes], indent=2))
    else:
        for outcome in outcomes:
            click.echo(f"{outcome.topic.name:<26} {outcome.found:>3} partitions  {outcome.action}")
            for one in outcome.differences:
                forgets = " (could forget)" if one.forgets else ""
                click.echo(f"    {one.setting} is {one.found}, declared is {one.declared}{forgets}")
    _refuse_what_is_wrong(outcomes)


def _row(outcome: TopicOutcome) -> dict[str, object]:
    return {
        "topic": outcome.topic.name,
        "partitions": outcome.found,
        "action": outcome.action,
        "differences": [{k: v for k, v in asdict(one).items() if k != "topic"} for one in outcome.differences],
    }


def _refuse_what_is_wrong(outcomes: list[TopicOutcome]) -> None:
    for outcome in outcomes:
        if outcome.action != "created" and outcome.found != outcome.topic.partitions:
            raise Failure(
                f"Topic {outcome.topic.name} has {outcome.found} partitions, {outcome.topic.partitions} are declared.",
                "More partitions would break the order of its keys: copy it to a new topic or correct schemas.topics.",
            )
    forgetting = topic_settings.forgetting(one for outcome in outcomes for one in outcome.differences)
    if forgetting:
        raise Failure(
            f"A topic could forget what must stay. {'; '.join(map(str, forgetting))}.",
            "`rustok streams topics --fix` sets it as declared. Capture does not start before.",
        )
