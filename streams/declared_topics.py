"""Declares every topic as it is to be here: what settings say of how long compaction waits for the archive included."""

from dataclasses import replace

from ops.settings import Settings
from schemas.topics import ALL, Topic
from sinks.analytics import event_archive


def of(settings: Settings) -> tuple[Topic, ...]:
    """What the archive reads keeps every event for as long as the archive may be behind."""
    uncompacted_ms = round(settings.compaction_lag_h * 3_600_000)
    archived = {topic.name for topic in event_archive.MODEL.topics}
    return tuple(replace(topic, uncompacted_ms=uncompacted_ms) if topic.name in archived else topic for topic in ALL)
