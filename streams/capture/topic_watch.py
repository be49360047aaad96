"""Watches whether the topics are still what they were, and kept as declared: every few seconds, never waited for.

A topic that was made anew, or lost records, ends the reading: it begins again, and that opens the gap. One that could
forget is written to as before, because where else should events go; but nobody vouches for it until it is put right.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog
from confluent_kafka import KafkaException

from ops import metrics
from ops.clients.renewed_admin import RenewedAdmin
from schemas.gaps import Gap
from schemas.topics import Topic
from streams import topic_descriptions, topic_settings
from streams.capture.source_identity import Opening, TopicState, differs
from streams.topic_descriptions import Described, Question
from streams.topic_settings import SettingDifference

LOOK_EVERY_S: Final = 5.0
BEAT_EVERY_S: Final = 10.0

log = structlog.get_logger(__name__)


class SourceChanged(Exception):
    """What is read from or written to is not what it was when reading began."""


class TopicWatch:
    """`topics` as they were when reading began, and later as they were looked at last."""

    def __init__(
        self,
        admin: RenewedAdmin,
        declared: Sequence[Topic],
        topics: Mapping[str, TopicState],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._admin = admin
        self._declared = {topic.name: topic for topic in declared}
        self._now = now
        self._question: Question | None = None
        self._look_at = now() + LOOK_EVERY_S
        self._beat_at = now() + BEAT_EVERY_S
        self._told = ""
        self.topics = dict(topics)
        #: Of each topic; there may come more.
        self._partitions = {
            name: len(topics[name].ends) if name in topics else topic.partitions
            for name, topic in self._declared.items()
        }
        self.forgetting: tuple[Gap, ...] = ()
        self.to_open: list[Opening] = []

    @property
    def ids(self) -> Mapping[str, str]:
        return {name: state.id for name, state in self.topics.items()}

    def beat_is_due(self) -> bool:
        """Every few seconds."""
        if self._now() < self._beat_at:
            return False
        self._beat_at = self._now() + BEAT_EVERY_S
        return True

    def look(self) -> None:
        """Asks Kafka, or takes its answer when it is there. Raises `SourceChanged`."""
        if self._question is None:
            if self._declared and self._now() >= self._look_at:
                self._question = topic_descriptions.ask(self._admin.client, self._partitions)
        elif self._question.answered:
            question, self._question = self._question, None
            self._look_at = self._now() + LOOK_EVERY_S
            try:
                self.saw(topic_descriptions.answer(question))
            except KafkaException:  # it is away; whoever writes to it will say so
                self._admin.renew()

    def saw(self, described: Mapping[str, Described]) -> None:
        for name, before in self.topics.items():
            if name not in described:
                raise SourceChanged(f"topic {name} is not there any more")
            if why := differs(before, state_of(self._declared.get(name), described[name])):
                raise SourceChanged(f"topic {name} {why}")
        self.topics = {name: state_of(self._declared.get(name), one) for name, one in described.items()}
        self._partitions |= {name: described[name].found.partitions for name in self._declared if name in described}
        self._judge(could_forget(self._declared.values(), described))

    def _judge(self, wrong: Sequence[SettingDifference]) -> None:
        told = "; ".join(map(str, wrong))
        metrics.CAPTURE_TOPICS_KEEP.set(not wrong)
        if told == self._told:
            return
        self._told = told
        if not wrong:
            log.info("topics_keep_everything")
            self.forgetting = ()
            return
        log.warning("topic_could_forget", reason=told)
        at = datetime.now(UTC)
        self.forgetting = tuple(
            Gap(kind="topic", topics=(one.topic,), detail=f"it could forget: {one}", opened_at=at) for one in wrong
        )
        self.to_open = [removed(one) for one in wrong if one.removes]


def state_of(declared: Topic | None, described: Described) -> TopicState:
    """Where the beginning is is no matter of a topic that is meant to forget."""
    forgets = declared is not None and declared.retention_ms is not None
    return TopicState(id=described.id, starts=() if forgets else described.starts, ends=described.ends)


def could_forget(declared: Iterable[Topic], described: Mapping[str, Described]) -> list[SettingDifference]:
    return topic_settings.forgetting(
        one
        for topic in declared
        if topic.name in described
        for one in topic_settings.differences(topic, described[topic.name].found)
    )


def removed(one: SettingDifference) -> Opening:
    """What may be gone because of a setting."""
    return Opening("topic", f"Kafka may have removed records: {one}", (one.topic,))
