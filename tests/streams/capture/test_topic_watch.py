import pytest

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
