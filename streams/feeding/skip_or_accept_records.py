"""Tells a feed what an operator decided: to pass over one record that is still before it, or to refuse freely."""

import getpass
import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from confluent_kafka import KafkaException, TopicPartition

from ops.clients import kafka as kafka_clients
from ops.failure import Failure
from ops.settings import Settings
from schemas.topics import DEAD_LETTER_DECISIONS
from sinks.read_model import ReadModel
from sinks.read_models import READ_MODELS
from sinks.sink import Unavailable
from streams.feeding.operator_decisions import OperatorDecision, tell

_TIMEOUT_S: Final = 10.0
_LONGEST_REASON: Final = 500
_VERSION: Final = re.compile(r"-v([1-9][0-9]{0,9})", re.ASCII)


def pass_over(settings: Settings, name: str, topic: str, partition: int, offset: int, reason: str) -> OperatorDecision:
    """Raises `Failure` when there is no such record for the feed, or it is behind it already."""
    model = _model(name)
    read = (*model.topics, DEAD_LETTER_DECISIONS)
    if topic not in {each.name for each in read}:
        raise Failure(f"{name} does not read {topic}.", f"It reads {', '.join(each.name for each in read)}.")
    _require_ahead(settings, model, TopicPartition(topic, partition), offset)
    return _told(settings, _decision("pass_over", model, reason, place=(topic, partition, offset)))


def accept(settings: Settings, name: str, minutes: int, reason: str) -> OperatorDecision:
    until = datetime.now(UTC) + timedelta(minutes=minutes)
    return _told(settings, _decision("accept", _model(name), reason, until=until))


def _model(name: str) -> ReadModel:
    """Of this name, as this code has it; or of this id, also of a version that other code feeds."""
    for model in READ_MODELS:
        version = _VERSION.fullmatch(name.removeprefix(model.name))
        if name == model.name or (name.startswith(model.name) and version is not None):
            return model if version is None else replace(model, version=int(version[1]))
    raise Failure(f"There is no feed {name}.", f"These are fed: {', '.join(each.name for each in READ_MODELS)}.")


def _decision(
    kind: str,
    model: ReadModel,
    reason: str,
    *,
    place: tuple[str, int, int] | None = None,
    until: datetime | None = None,
) -> OperatorDecision:
    if not reason.strip() or len(reason) > _LONGEST_REASON or "\0" in reason:
        raise Failure(f"The reason has 1 to {_LONGEST_REASON} characters.", "It is kept: say what others need to know.")
    return OperatorDecision(
        kind="accept" if kind == "accept" else "pass_over",
        feed=model.id,
        reason=reason.strip(),
        by=getpass.getuser(),
        at=datetime.now(UTC),
        place=place,
        until=until,
    )


def _require_ahead(settings: Settings, model: ReadModel, partition: TopicPartition, offset: int) -> None:
    group = {"group.id": model.group, "log_level": 0}
    with closing(kafka_clients.consumer(settings.kafka, group)) as consumer:
        try:
            low, high = consumer.get_watermark_offsets(partition, timeout=_TIMEOUT_S) or (0, 0)
            (committed,) = consumer.committed([partition], timeout=_TIMEOUT_S)
        except KafkaException as away:
            remedy = "Start it with `rustok up`, or correct the partition."
            raise Failure(f"Kafka does not say what is in {partition.topic}: {away.args[0].str()}.", remedy) from None
    where = f"{partition.topic}/{partition.partition}"
    if not low <= offset < high:
        raise Failure(f"There is no record {offset} in {where}.", f"It has {low} to {high - 1}.")
    if committed.offset > offset:
        raise Failure(
            f"{model.id} is past it: it reads on at {committed.offset} in {where}.",
            "What it could not use is among the dead letters: `rustok streams dead-letters list`.",
        )


def _told(settings: Settings, decision: OperatorDecision) -> OperatorDecision:
    try:
        tell(settings.kafka, decision)
    except Unavailable as away:
        remedy = "`rustok up` starts Kafka, and `rustok streams topics` makes its topics."
        raise Failure(f"{away.what}.", remedy) from None
    return decision
