"""Gives topics more partitions, as they are declared, and nobody sees two events of an aggregate the wrong way round.

A key may go to another partition afterwards. So nothing is written while all that is there is read to its end by
everybody who reads; then there are more partitions, and all who read have them before anything is written again.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions

from ops.clients.client_credentials import Brokers
from schemas.topics import Topic
from streams import read_to_the_end, topic_partitions
from streams.read_to_the_end import Behind

TIMEOUT_S: Final = 30.0
#: A reader looks at its topics every three seconds, and then members share anew what there is.
GIVEN_S: Final = 90.0
_LOOK_AGAIN_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Widening:
    """One topic that has `found` partitions and is to have more."""

    topic: Topic
    found: int


class StillBehind(Exception):
    """Somebody has not read to the end in time."""

    def __init__(self, behind: Iterable[Behind]) -> None:
        told = ", ".join(f"{one.group} ({one.partitions} partitions)" for one in behind)
        super().__init__(f"not everybody has read to the end: {told}")


class Fewer(Exception):
    """A topic has more partitions than it is to have."""

    def __init__(self, widening: Widening) -> None:
        name, found, declared = widening.topic.name, widening.found, widening.topic.partitions
        super().__init__(f"Topic {name} has {found} partitions, {declared} are declared, and Kafka takes none away")


def to_widen(admin: AdminClient, declared: Iterable[Topic]) -> list[Widening]:
    """Those that are there and have too few. Raises `Fewer`, `KafkaUnavailable`."""
    there = topic_partitions.counted(admin)
    different = [
        Widening(topic, there[topic.name])
        for topic in declared
        if topic.name in there and there[topic.name] != topic.partitions
    ]
    for one in different:
        if one.found > one.topic.partitions:
            raise Fewer(one)
    return different


def until_read(
    brokers: Brokers, admin: AdminClient, widenings: Iterable[Widening], wait_s: float, check: Callable[[], None]
) -> None:
    """Returns when everybody has read these topics to their end. Raises `StillBehind`, and what `check` raises."""
    names = [one.topic.name for one in widenings]
    deadline = time.monotonic() + wait_s
    while left := read_to_the_end.behind(brokers, admin, names):
        check()
        if time.monotonic() > deadline:
            raise StillBehind(left)
        time.sleep(_LOOK_AGAIN_S)
    check()


def widen(admin: AdminClient, widenings: Iterable[Widening]) -> None:
    """Makes the partitions. Those that are there already, when it was killed before, are as good."""
    new = [NewPartitions(one.topic.name, one.topic.partitions) for one in widenings]
    for future in admin.create_partitions(new, operation_timeout=TIMEOUT_S).values():
        future.result(timeout=TIMEOUT_S)


def until_given(admin: AdminClient, widenings: Iterable[Widening], check: Callable[[], None]) -> list[str]:
    """Returns when all who read have the new partitions; names those that have not in time."""
    wanted = {one.topic.name: one.topic.partitions for one in widenings}
    deadline = time.monotonic() + GIVEN_S
    while lacking := read_to_the_end.members_lack(admin, wanted):
        check()
        if time.monotonic() > deadline:
            return lacking
        time.sleep(_LOOK_AGAIN_S)
    return []
