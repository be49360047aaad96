"""Asks Kafka about topics: which they are (a topic made anew has another id), how they are set, how long.

Every question is a future, so that whoever must not wait can ask now and look later.
"""

import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Any, Final, cast

from confluent_kafka import KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, OffsetSpec  # type: ignore[attr-defined]  # public all the same

from ops.clients import kafka as kafka_clients
from ops.clients.client_credentials import Brokers
from streams.topic_settings import TopicInKafka

TIMEOUT_S: Final = 10.0
#: Until then each question has its answer, or the client has given it up.
ANSWERED_S: Final = TIMEOUT_S + 1
ASK_AGAIN_S: Final = 0.1
ERRORS: Final = 3
#: Of a partition while Kafka decides, or this client has yet to hear, who leads it.
LEADERS_CHANGE: Final = frozenset(
    {
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.OFFSET_NOT_AVAILABLE,
    }
)

_earliest: Final = cast("Callable[[], OffsetSpec]", OffsetSpec.earliest)  # they have no types
_latest: Final = cast("Callable[[], OffsetSpec]", OffsetSpec.latest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One topic. `starts` and `ends` are the first offset and the one behind the last, for each partition."""

    id: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    found: TopicInKafka


@dataclass(slots=True)
class Question:
    """Asked of Kafka, and perhaps not answered yet."""

    topics: Mapping[str, Future[Any]]
    settings: Mapping[str, Future[Any]]
    starts: Mapping[tuple[str, int], Future[Any]] = field(default_factory=dict)
    ends: Mapping[tuple[str, int], Future[Any]] = field(default_factory=dict)

    @property
    def futures(self) -> list[Future[Any]]:
        asked: tuple[Mapping[Any, Future[Any]], ...] = (self.topics, self.settings, self.starts, self.ends)
        return [future for futures in asked for future in futures.values()]

    @property
    def answered(self) -> bool:
        return all(future.done() for future in self.futures)


def connect(bootstrap: Brokers) -> AdminClient:
    return kafka_clients.admin(bootstrap, {"log_level": ERRORS})


def ask(admin: AdminClient, topics: Mapping[str, int]) -> Question:
    """About these topics, of so many partitions each."""
    names = list(topics)
    partitions = [TopicPartition(name, number) for name, count in topics.items() for number in range(count)]
    resources = [ConfigResource("topic", name) for name in names]
    described = admin.describe_topics(TopicCollection(names), request_timeout=TIMEOUT_S)
    settings = admin.describe_configs(resources, request_timeout=TIMEOUT_S)
    starts = _list(admin, {each: _earliest() for each in partitions})
    ends = _list(admin, {each: _latest() for each in partitions})
    return Question(
        topics=described,
        settings={resource.name: future for resource, future in settings.items()},
        starts={(each.topic, each.partition): future for each, future in starts.items()},
        ends={(each.topic, each.partition): future for each, future in ends.items()},
    )


def _list(admin: AdminClient, wanted: dict[TopicPartition, OffsetSpec]) -> Mapping[TopicPartition, Future[Any]]:
    return admin.list_offsets(wanted, request_timeout=TIMEOUT_S) if wanted else {}


def answer(question: Question) -> dict[str, Described]:
    """Waits for it. A topic that is not there is left out; `KafkaException` when Kafka cannot say.

    All of it is waited for, also when one answer is a refusal: a client that is let go of while its own thread still
    brings answers may be collected in that thread, and the client ends the process for that.
    """
    wait(question.futures, timeout=ANSWERED_S)
    found: dict[str, Described] = {}
    for name, future in question.topics.items():
        try:
            described = future.result(timeout=0)
            settings = question.settings[name].result(timeout=0)
            found[name] = Described(
                id=str(described.topic_id),
                starts=_offsets(question.starts, name),
                ends=_offsets(question.ends, name),
                found=TopicInKafka(
                    partitions=len(described.partitions),
                    copies=min((len(partition.replicas) for partition in described.partitions), default=0),
                    settings={entry.name: entry.value for entry in settings.values()},
                ),
            )
        except KafkaException as refused:
            if refused.args[0].code() not in (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC):  # noqa: SLF001  # the client's own names begin so
                raise
        except TimeoutError as late:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"describing {name}")) from late  # noqa: SLF001
    return found


def describe(admin: AdminClient, topics: Mapping[str, int] | Collection[str]) -> dict[str, Described]:
    """Asked and waited for; of topics whose partitions are not told, without offsets.

    A broker that was away for a moment answers for a while that another leads by now: then it is asked again.
    """
    counted = topics if isinstance(topics, Mapping) else dict.fromkeys(topics, 0)
    deadline = time.monotonic() + TIMEOUT_S
    while counted:
        try:
            return answer(ask(admin, counted))
        except KafkaException as refused:
            if refused.args[0].code() not in LEADERS_CHANGE or time.monotonic() > deadline:
                raise
            time.sleep(ASK_AGAIN_S)
    return {}


def _offsets(asked: Mapping[tuple[str, int], Future[Any]], topic: str) -> tuple[int, ...]:
    return tuple(future.result(timeout=0).offset for (name, _), future in sorted(asked.items()) if name == topic)
