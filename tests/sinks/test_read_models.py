"""The list of read models: each can be told from the others, and reads what there is."""

from schemas.aggregates import BY_NAME
from schemas.topics import ALL, topic_of
from sinks.read_models import READ_MODELS, VERIFIED, feeds, named


def test_every_read_model_reads_topics_that_are_declared():
    assert {topic for model in READ_MODELS for topic in model.topics} <= set(ALL)


def test_every_projection_reads_the_topic_of_its_aggregate():
    projections = [projection for model in READ_MODELS for projection in model.projections]

    assert [each.topic for each in projections] == [topic_of(BY_NAME[each.aggregate]) for each in projections]


def test_all_but_the_searches_and_the_archive_can_be_compared_with_tables():
    assert [model.name for model in READ_MODELS if model not in VERIFIED] == ["searches", "event-archive"]
    assert all(BY_NAME[each.aggregate].has_state for model in VERIFIED for each in model.projections)


def test_read_models_are_told_apart_by_name_and_id():
    assert len({model.name for model in READ_MODELS}) == len({model.id for model in READ_MODELS}) == len(READ_MODELS)


def test_every_read_model_has_its_feed_with_what_is_declared():
    assert [(feed.name, feed.batch, feed.publish_s) for feed in feeds()] == [
        (model.name, model.batch, model.publish_s) for model in READ_MODELS
    ]


def test_a_read_model_is_found_by_its_name_and_by_its_id():
    sales = named("sales")

    assert sales is not None
    assert named(sales.id) is sales
    assert named("weather") is None
