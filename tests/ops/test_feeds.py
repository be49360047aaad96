"""Feeds are found by who runs them, with what settings say of each."""

import pytest
from pydantic import ValidationError

from ops.feeds import Feed, all_feeds
from ops.local import ports
from ops.processes import all_processes
from ops.settings import Settings
from tests.ops.test_settings import read_in_a_new_process, stack_env

SALES = Feed(name="a-b", batch=10, publish_s=2.0, metrics_port=1)


def test_what_is_not_set_is_as_declared():
    assert SALES.as_set(Settings(feed={"other": {"batch": 3}})) == SALES


def test_what_is_set_counts():
    found = SALES.as_set(Settings(feed={"a_b": {"batch": 3, "metrics_port": 7}}))

    assert found == Feed(name="a-b", batch=3, publish_s=2.0, metrics_port=7)


def test_a_feed_is_set_by_the_environment_and_by_the_stacks_own_file(tmp_path):
    stack_env(tmp_path, "RUSTOK_FEED__PRODUCT_SEARCH__METRICS_PORT=1111\nRUSTOK_FEED__PRODUCT_SEARCH__BATCH=5\n")

    told = read_in_a_new_process(
        "s.feed['product_search'].metrics_port, s.feed['product_search'].batch",
        RUSTOK_HOME=str(tmp_path),
        RUSTOK_FEED__PRODUCT_SEARCH__BATCH="7",
    )

    assert told == "1111 7"


@pytest.mark.parametrize("wrong", [{"batch": 0}, {"publish_s": 0}, {"bach": 5}])
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValidationError):
        Settings(feed={"a_b": wrong})


def test_no_two_processes_have_one_port():
    settings = Settings()
    servers = {getattr(settings, name) for name in type(settings).model_fields if name.endswith("_port")}

    taken = [process.port(settings) for process in all_processes() if process.feed is not None]

    assert len(set(taken)) == len(taken)
    assert not servers & set(taken)


def test_free_ports_are_found_for_feeds_too(tmp_path):
    found = ports.find_free(Settings(home=tmp_path))

    assert {feed.setting("metrics_port") for feed in all_feeds()} <= found.keys()
    assert len(set(found.values())) == len(found)
