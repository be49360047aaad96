"""`rustok streams topics`: what the operator sees of it."""

import json
from dataclasses import asdict, replace

import click
from confluent_kafka import KafkaException

from ops.failure import Failure
from ops.settings import Settings
from schemas.topics import Topic
from streams import copies_plan, declared_topics, make_topics, topic_descriptions, topic_settings
from streams.kafka_unavailable import KafkaUnavailable
from streams.make_topics import TopicOutcome, TopicRefused


def run(settings: Settings, replication_factor: int | None, *, fix: bool, as_json: bool) -> None:
    try:
        outcomes = make_topics.make(settings.kafka, _declared(settings, replication_factor), fix=fix)
    except KafkaUnavailable as unavailable:
        raise _away(str(unavailable)) from None
    except TopicRefused as refused:
        raise Failure(
            f"{refused}.", "Start as many brokers as there are to be copies, or set RUSTOK_KAFKA_REPLICATION lower."
        ) from None
    if as_json:
        click.echo(json.dumps([_row(outcome) for outcome in outcomes], indent=2))
    else:
        for outcome in outcomes:
            click.echo(f"{outcome.topic.name:<26} {outcome.found:>3} partitions  {outcome.action}")
            if outcome.found != outcome.topic.partitions:
                click.echo(f"    {_of_partitions(outcome)}")
            for one in outcome.differences:
                forgets = " (could forget)" if one.forgets else ""
                click.echo(f"    {one.setting} is {one.found}, declared is {one.declared}{forgets}")
        _tell_how_copies_are_moved(outcomes)
    _refuse_what_is_wrong(outcomes)


def show_moves(settings: Settings, replication_factor: int | None) -> None:
    """Where copies are to be that are not as declared, for Kafka's own tool."""
    try:
        there, brokers = copies_plan.read(topic_descriptions.connect(settings.kafka), make_topics.TIMEOUT_S)
    except KafkaException as away:
        raise _away(f"Kafka does not answer: {away.args[0].str()}") from None
    declared = _declared(settings, replication_factor)
    most = max((topic.copies for topic in declared), default=0)
    if most > len(brokers):
        raise Failure(
            f"There are to be {most} copies, and Kafka has {len(brokers)} brokers.", "Start the others, and try again."
        )
    click.echo(json.dumps(copies_plan.plan(declared, there, brokers), indent=2))


def _declared(settings: Settings, replication_factor: int | None) -> list[Topic]:
    declared = declared_topics.of(settings)
    return [replace(topic, copies=replication_factor or topic.copies) for topic in declared]


def _away(what: str) -> Failure:
    return Failure(what, "Start it with `rustok up`, or correct RUSTOK_KAFKA_BOOTSTRAP.")


def _row(outcome: TopicOutcome) -> dict[str, object]:
    return {
        "topic": outcome.topic.name,
        "partitions": outcome.found,
        "action": outcome.action,
        "differences": [{k: v for k, v in asdict(one).items() if k != "topic"} for one in outcome.differences],
    }


def _of_partitions(outcome: TopicOutcome) -> str:
    declared = f"partitions are {outcome.found}, declared are {outcome.topic.partitions}"
    if outcome.found < outcome.topic.partitions:
        return f"{declared}: `rustok streams repartition`"
    return f"{declared}, and Kafka takes none away: say what there is in RUSTOK_KAFKA_PARTITIONS"


def _tell_how_copies_are_moved(outcomes: list[TopicOutcome]) -> None:
    if any(one.setting == topic_settings.COPIES for outcome in outcomes for one in outcome.differences):
        click.echo(
            "Copies are moved by Kafka's own tool: `rustok streams topics --moves > moves.json`, then\n"
            "`kafka-reassign-partitions.sh --bootstrap-server HOST:PORT --reassignment-json-file moves.json --execute`."
        )


def _refuse_what_is_wrong(outcomes: list[TopicOutcome]) -> None:
    forgetting = topic_settings.forgetting(one for outcome in outcomes for one in outcome.differences)
    if forgetting:
        raise Failure(
            f"A topic could forget what must stay. {'; '.join(map(str, forgetting))}.",
            "`rustok streams topics --fix` sets it as declared. Capture does not start before.",
        )
