"""Declares every topic as it is to be here: with what settings say of copies, and of how long compaction
waits for the archive.
"""

from dataclasses import replace

from ops.failure import Failure
from ops.settings import Settings
from schemas.aggregates import BY_NAME
from schemas.topics import ALL, Topic
from sinks.analytics import event_archive
from streams import topic_settings


def of(settings: Settings) -> tuple[Topic, ...]:
    """What the archive reads keeps every event for as long as the archive may be behind. Raises a `Failure` where the
    settings name an aggregate that there is not."""
    if unknown := sorted({*settings.kafka_partitions} - BY_NAME.keys()):
        raise Failure(
            f"RUSTOK_KAFKA_PARTITIONS names {', '.join(unknown)}.", f"There are {', '.join(sorted(BY_NAME))}."
        )
    uncompacted_ms = round(settings.compaction_lag_h * 3_600_000)
    archived = {topic.name for topic in event_archive.MODEL.topics}
    as_set = topic_settings.as_set(settings, ALL)
    return tuple(replace(topic, uncompacted_ms=uncompacted_ms) if topic.name in archived else topic for topic in as_set)
