"""A topic that is not there is no empty one: who reads it is told."""

from contextlib import closing
from uuid import uuid4

import pytest
from confluent_kafka import KafkaError, KafkaException

from ops.clients import kafka, topic_partitions
from schemas.topics import ORDERS
from tests.support.stack import Stack

pytestmark = pytest.mark.servers


def test_all_partitions_are_read_and_a_topic_that_is_not_there_is_an_error(servers: Stack) -> None:
    servers.rustok("streams", "topics")
    with closing(kafka.consumer(servers.settings.kafka, {"group.id": "nobody"})) as consumer:
        found = topic_partitions.from_the_beginning(consumer, ORDERS.name, 10)
        with pytest.raises(KafkaException) as refused:
            topic_partitions.from_the_beginning(consumer, f"gone-{uuid4()}", 10)

    assert [(one.topic, one.partition, one.offset) for one in found] == [
        (ORDERS.name, number, 0) for number in range(ORDERS.partitions)
    ]
    assert refused.value.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART
