"""Checks that the topics of events are still what consumers rely on: their names, partitions, and what they keep.

What they are follows from the rows of the aggregates. It is written down in `schemas/topics.json`, so that a commit
tells without running its code what its topics were.
"""

import json
from collections.abc import Iterator
from typing import Final

from schemas import topics
from schemas.evolving.published_schemas import ROOT, TOPICS, PublishedState
from schemas.evolving.violations import Violation

FILE: Final = ROOT / TOPICS
_RELIED_ON: Final = ("partitions", "compacted", "retention_ms")


def text() -> str:
    """The file as it should be."""
    declared = {topic.name: {name: getattr(topic, name) for name in _RELIED_ON} for topic in topics.CAPTURED}
    return json.dumps(declared, indent=2) + "\n"


def topic_changes(base: PublishedState) -> Iterator[Violation]:
    """Every topic of events that is not as it was. The key is the aggregate's id in all of them, and no setting."""
    now = json.loads(text())
    for name, was in json.loads(base.topics or "{}").items():
        topic = now.get(name)
        aggregate = name.removeprefix(topics.PREFIX)
        if topic is None:
            yield _violation(
                aggregate,
                f"the topic {name} is gone, or has another name",
                "what consumers read would get no more events, without a word",
                f'put schemas/events/{aggregate}.py with its AGGREGATE = Aggregate(name="{aggregate}", …) back',
            )
            continue
        if topic["partitions"] != was["partitions"]:
            yield _violation(
                aggregate,
                f"{was['partitions']} partitions became {topic['partitions']}",
                "a key goes to another partition then: newer events of an aggregate could be read before older ones",
                f"leave it at {was['partitions']}; more partitions are a new topic, filled by `rustok streams re-emit`",
            )
        if [topic[name] for name in _RELIED_ON[1:]] != [was[name] for name in _RELIED_ON[1:]]:
            yield _violation(
                aggregate,
                "what it keeps is another",
                "read models are built from the newest event of every key, and it has to be there",
                "leave compacted and retention_ms as they were",
            )


def _violation(aggregate: str, what: str, why: str, fix: str) -> Violation:
    return Violation(rule="topic-changed", where=f"schemas/events/{aggregate}.py", what=what, why=why, fix=fix)
