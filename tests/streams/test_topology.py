from schemas.topics import ALL
from streams.topology import PIPELINE, feed_named


def test_every_feed_reads_topics_that_are_declared():
    assert {topic for feed in PIPELINE for topic in feed.model.topics} <= set(ALL)


def test_feeds_are_told_apart_by_name_and_id():
    assert len({feed.name for feed in PIPELINE}) == len({feed.model.id for feed in PIPELINE}) == len(PIPELINE)


def test_a_feed_is_found_by_the_name_the_command_line_uses():
    assert feed_named("sales").model.id == "sales-v1"
    assert feed_named("weather") is None
