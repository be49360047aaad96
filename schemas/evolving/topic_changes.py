"""Checks that the topics of events are still what consumers rely on: their names, partitions, and what they keep."""

from collections.abc import Iterator
from types import ModuleType

from schemas import topics
from schemas.evolving.published_schemas import Published
from schemas.evolving.violations import Violation


def topic_changes(base: Published) -> Iterator[Violation]:
    """Every topic of events that is not as it was. The key is the aggregate's id in all of them, and no setting."""
    now = {topic.name: topic for topic in topics.CAPTURED}
    for was in _before(base):
        topic = now.get(was.name)
        if topic is None:
            yield _violation(
                was.name,
                "the topic is gone, or has another name",
                "what consumers read would get no more events, without a word",
                f'put Topic(name=PREFIX + "{was.name.removeprefix(topics.PREFIX)}", …) back',
            )
            continue
        if topic.partitions != was.partitions:
            yield _violation(
                was.name,
                f"{was.partitions} partitions became {topic.partitions}",
                "a key goes to another partition then: newer events of an aggregate could be read before older ones",
                f"leave it at {was.partitions}; more partitions are a new topic, filled by `rustok streams restate`",
            )
        if (topic.compacted, topic.retention_ms) != (was.compacted, was.retention_ms):
            yield _violation(
                was.name,
                "what it keeps is another",
                "read models are built from the newest event of every key, and it has to be there",
                "leave compacted and retention_ms as they were",
            )


def _violation(name: str, what: str, why: str, fix: str) -> Violation:
    return Violation(rule="topic-changed", where=f"schemas/topics.py {name}", what=what, why=why, fix=fix)


def _before(base: Published) -> tuple[topics.Topic, ...]:
    if not base.topics:
        return ()
    module = ModuleType("topics_as_published")
    exec(compile(base.topics, "topics.py", "exec"), module.__dict__)  # noqa: S102  # our own file, of an older commit
    found: tuple[topics.Topic, ...] = getattr(module, "CAPTURED", ())
    return found
