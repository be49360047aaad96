from collections.abc import Callable
from concurrent.futures import Future

import pytest
from confluent_kafka import KafkaError, KafkaException

from ops.clients.renewed_admin import RenewedAdmin
from schemas.topics import ORDERS, SEARCH_LOGS
from streams.capture.topic_watch import SourceChanged, TopicWatch, state_of
from streams.topic_descriptions import Described
from streams.topic_settings import TopicInKafka

WATCHED = (ORDERS, SEARCH_LOGS)


def described(start: int, topic: str = "") -> dict[str, Described]:
    """Both topics; the one that is named begins at `start`."""
    return {
        one.name: Described(
            id=one.name,
            starts=(start if one.name == topic else 0,),
            ends=(9,),
            found=TopicInKafka(
                partitions=one.partitions,
                copies=1,
                settings={
                    "cleanup.policy": "compact" if one.compacted else "delete",
                    "retention.ms": str(one.retention_ms or -1),
                    "retention.bytes": "-1",
                    "min.insync.replicas": "1",
                    "unclean.leader.election.enable": "false",
                    "max.message.bytes": str(one.largest_bytes),
                },
            ),
        )
        for one in WATCHED
    }


def watch() -> TopicWatch:
    begun = {one.name: state_of(one, described(0)[one.name]) for one in WATCHED}
    return TopicWatch(None, WATCHED, begun)  # type: ignore[arg-type]  # nobody is asked


def test_a_topic_that_is_meant_to_forget_may_begin_later() -> None:
    watching = watch()

    watching.saw(described(5, SEARCH_LOGS.name))

    assert watching.forgetting == ()


def test_any_other_that_begins_later_ends_the_reading() -> None:
    with pytest.raises(SourceChanged, match="has lost records at its beginning"):
        watch().saw(described(5, ORDERS.name))


class Unanswered:
    """A client of the administration that has lost its broker."""

    def __getattr__(self, name: str) -> Callable[..., dict[object, Future[object]]]:
        def asked(about: object, request_timeout: float) -> dict[object, Future[object]]:
            late: Future[object] = Future()
            late.set_exception(KafkaException(KafkaError(KafkaError._TIMED_OUT)))  # noqa: SLF001  # its own name
            names = about if isinstance(about, list | dict) else about.topic_names
            return dict.fromkeys(names, late)

        return asked


def test_a_client_that_got_no_answer_is_not_asked_again() -> None:
    made: list[Unanswered] = []
    clock = iter(range(0, 1000, 10))

    def make() -> Unanswered:
        made.append(Unanswered())
        return made[-1]

    watching = TopicWatch(RenewedAdmin(make), WATCHED, {}, now=lambda: next(clock))  # type: ignore[arg-type]  # as above
    for _ in range(4):
        watching.look()

    assert len(made) == 2
