"""Compares a topic in Kafka with its declaration: its settings, its copies and its partitions, by one table of rules.

A topic *could forget* when a setting lets Kafka remove or lose what must stay: the newest event of an aggregate is all
that some read model will ever be built from. Where nothing else is set, `min.insync.replicas` is declared as a rule:
one copy less than there are, so an event that was acknowledged survives the loss of a machine, and the loss of one
machine stops nobody.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ops.settings import Settings
from schemas.topics import Topic, of_aggregate

NO_LIMIT: Final = -1
#: Among Kafka's settings it is none: it cannot be set, copies have to be moved.
COPIES: Final = "replication.factor"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicInKafka:
    """A topic as Kafka has it. `copies`: the fewest that a partition has."""

    partitions: int
    copies: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingDifference:
    """`forgets`: what was written can go. `removes`: and Kafka itself removes it, so some may be gone by now."""

    topic: str
    setting: str
    declared: str
    found: str
    forgets: bool
    removes: bool

    def __str__(self) -> str:
        return f"{self.topic}: {self.setting} is {self.found}, {self.declared} is declared"


@dataclass(frozen=True, slots=True)
class _Rule:
    setting: str
    declared: Callable[[Topic, TopicInKafka], str]
    is_kept: Callable[[str, str], bool]
    applies: Callable[[Topic, TopicInKafka], bool]
    forgets: bool = False
    removes: bool = False


def _equal(found: str, declared: str) -> bool:
    return {part.strip() for part in found.split(",")} == {declared}


def _at_least(found: str, declared: str) -> bool:
    return int(found) >= int(declared)


def _at_most(found: str, declared: str) -> bool:
    return int(found) <= int(declared)


def _as_long(found: str, declared: str) -> bool:
    return int(found) == NO_LIMIT or (int(declared) != NO_LIMIT and int(found) >= int(declared))


def _always(_topic: Topic, _found: TopicInKafka) -> bool:
    return True


def _removes_old(_topic: Topic, found: TopicInKafka) -> bool:
    return "delete" in found.settings["cleanup.policy"]


def _waits(topic: Topic, _found: TopicInKafka) -> bool:
    return topic.uncompacted_ms > 0


def _goes_in_small_files(topic: Topic, _found: TopicInKafka) -> bool:
    return topic.segment_bytes is not None


def _keeps_everything(topic: Topic, _found: TopicInKafka) -> bool:
    return topic.retention_ms is None


RULES: Final = (
    _Rule("cleanup.policy", lambda topic, _: policy(topic), _equal, _always, forgets=True, removes=True),
    _Rule("retention.ms", lambda topic, _: retention(topic), _as_long, _removes_old, forgets=True, removes=True),
    _Rule("retention.bytes", lambda _, __: str(NO_LIMIT), _as_long, _removes_old, forgets=True, removes=True),
    _Rule(
        "min.insync.replicas",
        lambda topic, found: in_step(topic, found.copies),
        _at_least,
        _keeps_everything,
        forgets=True,
    ),
    _Rule("unclean.leader.election.enable", lambda _, __: "false", _equal, _keeps_everything, forgets=True),
    _Rule("min.compaction.lag.ms", lambda topic, _: str(topic.uncompacted_ms), _at_least, _waits),
    _Rule("segment.bytes", lambda topic, _: str(topic.segment_bytes), _at_most, _goes_in_small_files),
    _Rule("max.message.bytes", lambda topic, _: str(topic.largest_bytes), _at_least, _always),
)


def policy(topic: Topic) -> str:
    return "compact" if topic.compacted else "delete"


def retention(topic: Topic) -> str:
    return str(NO_LIMIT if topic.retention_ms is None else topic.retention_ms)


def in_step(topic: Topic, copies: int) -> str:
    """How many copies must have a record before it counts as written; of fewer copies all."""
    return str(max(1, min(topic.in_step or copies - 1, copies)))


def as_set(settings: Settings, declared: Iterable[Topic]) -> tuple[Topic, ...]:
    """The topics with the copies that the settings say, and the partitions, where these are more."""
    more = {of_aggregate(name): number for name, number in settings.kafka_partitions.items()}
    return tuple(
        replace(
            topic,
            partitions=max(topic.partitions, more.get(topic.name, 0)),
            copies=settings.kafka_replication,
            in_step=settings.kafka_min_insync_replicas,
        )
        for topic in declared
    )


def differences(topic: Topic, found: TopicInKafka) -> list[SettingDifference]:
    """What is not as declared. Only a topic that must keep everything forgets: others are meant to."""
    return [*_copies(topic, found), *_settings(topic, found)]


def _copies(topic: Topic, found: TopicInKafka) -> Iterator[SettingDifference]:
    if topic.copies and found.copies != topic.copies:
        yield SettingDifference(
            topic=topic.name,
            setting=COPIES,
            declared=str(topic.copies),
            found=str(found.copies),
            forgets=False,
            removes=False,
        )


def _settings(topic: Topic, found: TopicInKafka) -> list[SettingDifference]:
    return [
        SettingDifference(
            topic=topic.name,
            setting=rule.setting,
            declared=rule.declared(topic, found),
            found=found.settings[rule.setting],
            forgets=rule.forgets and topic.retention_ms is None,
            removes=rule.removes and topic.retention_ms is None,
        )
        for rule in RULES
        if rule.applies(topic, found) and not rule.is_kept(found.settings[rule.setting], rule.declared(topic, found))
    ]


def forgetting(found: Iterable[SettingDifference]) -> list[SettingDifference]:
    """Those that keep capture from starting."""
    return [one for one in found if one.forgets]
