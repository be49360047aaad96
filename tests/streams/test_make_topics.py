"""A declared topic, as Kafka's settings."""

from schemas import topics
from schemas.topics import Topic
from streams import make_topics


def test_a_compacted_topic_keeps_the_newest_of_each_key() -> None:
    assert make_topics.config(topics.PRODUCTS)["cleanup.policy"] == "compact"


def test_a_topic_with_a_retention_forgets_after_it() -> None:
    config = make_topics.config(topics.WATERMARKS)

    assert (config["cleanup.policy"], config["retention.ms"]) == ("delete", "3600000")


def test_a_topic_that_is_neither_keeps_everything() -> None:
    config = make_topics.config(Topic(name="rustok.some", partitions=1, compacted=False))

    assert (config["cleanup.policy"], config["retention.ms"]) == ("delete", "-1")


def test_every_topic_takes_events_of_eight_megabytes_and_those_of_dead_letters_more() -> None:
    largest = {topic: int(make_topics.config(topic)["max.message.bytes"]) for topic in topics.ALL}

    dead_letters = {topics.DEAD_LETTERS, topics.PARKED, topics.SETTLED}
    assert {largest[topic] for topic in topics.ALL if topic not in dead_letters} == {8 * 1024 * 1024}
    assert {largest[topic] for topic in dead_letters} == {12 * 1024 * 1024}
