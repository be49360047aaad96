"""Plans on which brokers the copies of a topic are to be, in the words of Kafka's own tool that moves them.

Copies that are right where they are stay there; a new one comes to the broker that has the fewest.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from confluent_kafka.admin import AdminClient

from schemas.topics import Topic

#: By topic: of each partition the brokers that have a copy, the leader's first choice first.
Copies = Mapping[str, Mapping[int, Sequence[int]]]


def plan(declared: Iterable[Topic], there: Copies, brokers: Collection[int]) -> dict[str, Any]:
    """For `kafka-reassign-partitions --reassignment-json-file`: only what differs from what is declared."""
    load = Counter(dict.fromkeys(brokers, 0))
    load.update(broker for partitions in there.values() for copies in partitions.values() for broker in copies)
    return {"version": 1, "partitions": list(_moves(declared, there, load))}


def _moves(declared: Iterable[Topic], there: Copies, load: Counter[int]) -> Iterator[dict[str, Any]]:
    for topic in declared:
        for partition, copies in sorted(there.get(topic.name, {}).items()):
            if not topic.copies or len(copies) == topic.copies:
                continue
            wanted = list(copies[: topic.copies])
            load.subtract(copies[topic.copies :])
            while len(wanted) < topic.copies and (others := load.keys() - set(wanted)):
                wanted.append(min(others, key=lambda broker: (load[broker], broker)))
                load[wanted[-1]] += 1
            yield {"topic": topic.name, "partition": partition, "replicas": wanted}


def read(admin: AdminClient, timeout_s: float) -> tuple[Copies, Collection[int]]:
    """What Kafka has, and its brokers. Raises `KafkaException`."""
    found = admin.list_topics(timeout=timeout_s)
    copies = {
        name: {number: list(one.replicas) for number, one in topic.partitions.items()}
        for name, topic in found.topics.items()
    }
    return copies, list(found.brokers)
