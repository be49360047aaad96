"""Lists the partitions that a topic has in Kafka: more than are declared, where somebody has made more."""

from confluent_kafka import Consumer, KafkaException, TopicPartition


def from_the_beginning(consumer: Consumer, topic: str, timeout_s: float) -> list[TopicPartition]:
    """All of them, to be assigned. Raises `KafkaException`, also for a topic that is not there: it is no empty one."""
    found = consumer.list_topics(topic, timeout=timeout_s).topics[topic]
    if found.error is not None:
        raise KafkaException(found.error)
    return [TopicPartition(topic, number, 0) for number in sorted(found.partitions)]
