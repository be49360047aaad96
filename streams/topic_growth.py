"""Declares what each topic grows by. What bounds it follows from its declaration: compacted, for a time, or neither."""

from collections.abc import Mapping
from typing import Final

from ops.growth.declared_growth import Bound, Growth, Pruner
from ops.settings import Settings
from schemas import topics
from schemas.aggregates import AGGREGATES
from schemas.topics import Topic
from streams import declared_topics

_KAFKA: Final = Pruner("server", "kafka")
_DAY_MS: Final = 24 * 3600 * 1000
_GROWS_BY: Final[Mapping[str, str]] = {
    **{topics.of_aggregate(row.name): f"every event of {row.plural.replace('_', ' ')}" for row in AGGREGATES},
    topics.WATERMARKS.name: "a record each `RUSTOK_WATERMARK_INTERVAL_S`, whether anything happens or not",
    topics.POSITIONS.name: "a note of the capture whenever it has come further",
    topics.DEAD_LETTERS.name: "each record that a feed refused, whole, and each time it is refused again",
    topics.PARKED.name: "each record that is newer than a feed's code",
    topics.SETTLED.name: "each dead letter that was applied",
    topics.FEED_DECISIONS.name: "each word of an operator to a feed",
}
#: Kafka's own: of these the newest of each key stays.
_KAFKAS_OWN: Final = Growth(
    kind="topic",
    names=("__consumer_offsets", "__transaction_state", "__share_group_state", "__cluster_metadata"),
    grows_by="each time that a feed says how far it is, and a note of the server each half second",
    bound="state",
    keeps="the newest of each group and partition; of the server's notes those of one to two weeks",
    pruned_by=_KAFKA,
)


def growth() -> tuple[Growth, ...]:
    return (*map(_of, declared_topics.of(Settings())), _KAFKAS_OWN)


def _of(topic: Topic) -> Growth:
    """Raises `KeyError` for a topic that nobody has said this of."""
    settings = ("compaction_lag_h",) if topic.compacted and topic.uncompacted_ms else ()
    bound, keeps = _bound(topic)
    return Growth(
        kind="topic",
        names=(topic.name,),
        grows_by=_GROWS_BY[topic.name],
        bound=bound,
        keeps=keeps,
        pruned_by=None if bound == "forever" else _KAFKA,
        settings=settings,
    )


def _bound(topic: Topic) -> tuple[Bound, str]:
    if topic.retention_ms is not None:
        return "time", f"what is younger than {_span(topic.retention_ms)}, and the newest file of Kafka's"
    if topic.compacted:
        young = ", and every event that is younger" if topic.uncompacted_ms else ""
        return "state", f"the newest record of each key{young}"
    return "forever", "all: it is where the table of them comes from"


def _span(ms: int) -> str:
    return f"{ms // _DAY_MS} days" if ms >= _DAY_MS else f"{ms // 3_600_000} h"
