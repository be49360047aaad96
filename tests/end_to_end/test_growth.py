"""Nothing grows that nobody has declared: the files, topics and indices of a stack that runs."""

import re

import httpx
import pytest

from ops.bench import store_sizes
from ops.growth import stack_files
from ops.growth.declared_growth import all_growth
from tests.support.stack import Stack

pytestmark = pytest.mark.chain


def declared(kind: str) -> set[str]:
    return {name for one in all_growth() if one.kind == kind for name in one.names if " (" not in name}


def test_every_file_of_a_running_stack_is_of_a_kind_that_is_declared(stack: Stack) -> None:
    found = stack_files.measured(stack.settings.folder.root)

    assert found.bytes["logs/*.log*"] > 0
    assert found.unknown == ()


def test_every_topic_and_index_that_is_declared_is_there_and_has_a_size(stack: Stack) -> None:
    with store_sizes.connected(stack.settings) as connection:
        sizes = store_sizes.measure(stack.settings, connection)

    topics = {name.removeprefix("topic ") for name in sizes if name.startswith("topic ")}
    indices = {name.removeprefix("index ") for name in sizes if name.startswith("index ")}
    assert declared("topic") - {"__transaction_state", "__share_group_state"} <= topics
    assert declared("index") <= indices
    assert sizes["table tenants"] > 0


def test_kafka_has_no_topic_of_ours_that_nobody_has_declared(stack: Stack) -> None:
    logs = stack.settings.folder.data("kafka") / "logs"

    # One that is deleted lies there for a minute, under another name.
    found = (re.fullmatch(r"(rustok\..+)-[0-9]+", folder.name) for folder in logs.iterdir())
    ours = {topic[1] for topic in found if topic is not None and "scratch" not in topic[1]}

    assert ours == {name for name in declared("topic") if name.startswith("rustok.")}


def test_opensearch_has_no_index_of_ours_that_nobody_has_declared(stack: Stack) -> None:
    told = httpx.get(f"{stack.settings.opensearch_url}/_cat/indices/rustok-*", params={"format": "json"}).json()

    assert {index["index"].rpartition("-v")[0] for index in told} == {
        name.rpartition("-v")[0] for name in declared("index")
    }
