"""`rustok sinks indices` on a real OpenSearch: what differs from what is set is said, and copies are put right."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from sinks.opensearch.opensearch_client import OpenSearchStore
from sinks.search import page_documents
from tests.support.stack import Stack

pytestmark = pytest.mark.servers


@pytest.fixture
def index(servers: Stack) -> Iterator[str]:
    """Of the read model of pages, as its feed makes it."""
    model = page_documents.MODEL
    with closing(model.sink(servers.settings)) as sink:
        sink.open()
        name = sink.index(page_documents.COLLECTION)
    yield name
    with closing(OpenSearchStore(servers.settings.opensearch)) as store:
        store.drop_index(name)


def test_copies_are_put_right_and_shards_are_said_to_need_another_build(servers: Stack, index: str) -> None:
    other = replace(servers, also={"RUSTOK_OPENSEARCH_SHARDS": "2", "RUSTOK_OPENSEARCH_REPLICAS": "1"})

    as_set = servers.rustok("sinks", "indices", check=False)
    told = other.rustok("sinks", "indices", check=False)
    left = other.rustok("sinks", "indices", "--fix", "--json", check=False)
    back = servers.rustok("sinks", "indices", "--fix")

    assert (as_set.returncode, back.returncode) == (0, 0)
    assert told.returncode == left.returncode == 1
    assert "number_of_replicas is 0, 1 is set: `rustok sinks indices --fix`" in told.stdout
    assert "number_of_shards is 1, 2 is set: `rustok sinks rebuild start page-search`" in told.stdout
    (found,) = (one for one in json.loads(left.stdout) if one["index"] == index)
    assert (found["shards"], found["replicas"]) == (1, 1)
    assert [one["setting"] for one in found["differences"]] == ["number_of_shards"]
