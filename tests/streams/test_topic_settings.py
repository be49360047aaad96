"""What a topic is set to, against what was declared."""

from dataclasses import replace

import pytest

from ops.failure import Failure
from ops.settings import Settings
from schemas import topics
from schemas.topics import Topic
from sinks.analytics import event_archive
from streams import declared_topics
from streams.topic_settings import TopicInKafka, as_set, differences, forgetting

WELL = {
    "cleanup.policy": "compact",
    "retention.ms": "604800000",
    "retention.bytes": "-1",
    "min.insync.replicas": "1",
    "unclean.leader.election.enable": "false",
    "max.message.bytes": "8388608",
    "segment.bytes": "1073741824",
}


def found(copies: int = 1, **different: str) -> TopicInKafka:
    changed = {name.replace("_", "."): value for name, value in different.items()}
    return TopicInKafka(partitions=4, copies=copies, settings={**WELL, **changed})


def settings_of(topic: Topic, what: TopicInKafka) -> list[str]:
    return [one.setting for one in forgetting(differences(topic, what))]


def test_a_topic_as_declared_has_no_difference() -> None:
    assert differences(topics.ORDERS, found()) == []


@pytest.mark.parametrize("policy", ["delete", "compact,delete", "delete, compact"])
def test_events_that_kafka_removes_are_forgotten(policy: str) -> None:
    what = differences(topics.ORDERS, found(cleanup_policy=policy))

    assert [(one.setting, one.forgets, one.removes) for one in what] == [
        ("cleanup.policy", True, True),
        ("retention.ms", True, True),
    ]


def test_a_retention_of_a_compacted_topic_removes_nothing() -> None:
    assert differences(topics.ORDERS, found(retention_ms="1000")) == []


def test_a_topic_that_keeps_everything_must_have_no_limit_of_size_or_time() -> None:
    dead_letters = found(cleanup_policy="delete", retention_bytes="1000000")

    assert settings_of(topics.DEAD_LETTERS, dead_letters) == ["retention.ms", "retention.bytes"]


def test_what_was_acknowledged_must_be_on_all_copies_but_one() -> None:
    assert settings_of(topics.ORDERS, found(copies=3)) == ["min.insync.replicas"]
    assert settings_of(topics.ORDERS, found(copies=3, min_insync_replicas="2")) == []
    assert settings_of(topics.ORDERS, found(copies=1)) == []


def test_a_leader_that_lacks_records_must_not_be_elected() -> None:
    assert settings_of(topics.ORDERS, found(unclean_leader_election_enable="true")) == [
        "unclean.leader.election.enable"
    ]


def test_a_topic_that_is_meant_to_forget_may_do_so_sooner() -> None:
    watermarks = differences(
        topics.WATERMARKS, found(cleanup_policy="delete", retention_ms="1000", segment_bytes="1048576")
    )

    assert [(one.setting, one.forgets) for one in watermarks] == [("retention.ms", False)]


def test_files_so_large_that_old_watermarks_stay_are_a_difference_and_forget_nothing() -> None:
    what = differences(topics.WATERMARKS, found(cleanup_policy="delete", retention_ms="3600000"))

    assert [(one.setting, one.declared, one.forgets) for one in what] == [("segment.bytes", "16777216", False)]
    assert differences(topics.ORDERS, found()) == []


def test_smaller_messages_are_a_difference_and_forget_nothing() -> None:
    (one,) = differences(topics.ORDERS, found(max_message_bytes="1000000"))

    assert not one.forgets
    assert str(one) == "rustok.order: max.message.bytes is 1000000, 8388608 is declared"


def test_compaction_waits_for_the_archive_or_the_difference_is_said():
    declared = replace(topics.ORDERS, uncompacted_ms=3_600_000)

    assert [one.setting for one in differences(declared, found(min_compaction_lag_ms="0"))] == ["min.compaction.lag.ms"]
    assert differences(declared, found(min_compaction_lag_ms="7200000")) == []
    assert differences(topics.ORDERS, found(min_compaction_lag_ms="0")) == []


def test_what_the_archive_reads_is_declared_to_wait_as_long_as_is_set():
    waiting = {
        topic.name for topic in declared_topics.of(Settings(compaction_lag_h=2)) if topic.uncompacted_ms == 7_200_000
    }

    assert waiting == {topic.name for topic in event_archive.MODEL.topics}
    assert not any(topic.uncompacted_ms for topic in declared_topics.of(Settings(compaction_lag_h=0)))


def test_copies_and_those_in_step_are_as_set():
    (orders,) = as_set(Settings(kafka_replication=3, kafka_min_insync_replicas=2), [topics.ORDERS])

    assert (orders.copies, orders.in_step) == (3, 2)
    assert [str(one) for one in differences(orders, found(copies=1))] == [
        "rustok.order: replication.factor is 1, 3 is declared"
    ]
    assert settings_of(orders, found(copies=3)) == ["min.insync.replicas"]
    assert differences(orders, found(copies=3, min_insync_replicas="2")) == []


def test_no_more_copies_are_in_step_than_there_are():
    (orders,) = as_set(Settings(kafka_min_insync_replicas=2), [topics.ORDERS])

    assert differences(orders, found(copies=1)) == []


def test_who_says_that_one_copy_is_enough_is_believed():
    (orders,) = as_set(Settings(kafka_min_insync_replicas=1), [topics.ORDERS])

    assert differences(orders, found(copies=3)) == []


def test_partitions_are_as_set_where_that_is_more_than_declared():
    wider = Settings(kafka_partitions={"order": 40, "product": 1})
    orders, products = as_set(wider, [topics.ORDERS, topics.PRODUCTS])

    assert (orders.partitions, products.partitions) == (40, topics.PRODUCTS.partitions)


def test_partitions_of_an_aggregate_that_there_is_not_are_refused():
    with pytest.raises(Failure, match="RUSTOK_KAFKA_PARTITIONS names orders"):
        declared_topics.of(Settings(kafka_partitions={"orders": 40}))
