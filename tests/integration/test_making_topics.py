"""Topics on a real Kafka: made once, and never changed behind anybody's back."""

import json
import secrets
from collections.abc import Iterator

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # public all the same
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
)

from schemas import topics
from schemas.topics import Topic
from streams import make_topics
from tests.support.stack import Stack

pytestmark = pytest.mark.servers


@pytest.fixture
def declared(servers: Stack) -> Iterator[Topic]:
    topic = Topic(name=f"rustok.scratch-{secrets.token_hex(4)}", partitions=3)
    yield topic
    admin = AdminClient({"bootstrap.servers": servers.settings.kafka_bootstrap})
    for future in admin.delete_topics([topic.name]).values():
        future.result()


def test_a_missing_topic_is_made_as_declared(servers: Stack, declared: Topic) -> None:
    (outcome,) = make_topics.make(servers.settings.kafka_bootstrap, [declared])

    admin = AdminClient({"bootstrap.servers": servers.settings.kafka_bootstrap})
    (described,) = admin.describe_configs([ConfigResource("topic", declared.name)]).values()
    found = {name: entry.value for name, entry in described.result().items()}
    assert (outcome.action, outcome.found) == ("created", 3)
    assert {name: found[name] for name in make_topics.config(declared)} == make_topics.config(declared)


def test_making_topics_twice_is_making_them_once(servers: Stack, declared: Topic) -> None:
    make_topics.make(servers.settings.kafka_bootstrap, [declared])

    (outcome,) = make_topics.make(servers.settings.kafka_bootstrap, [declared])

    assert outcome.action == "kept"


def test_another_number_of_partitions_is_said_and_left(servers: Stack, declared: Topic) -> None:
    make_topics.make(servers.settings.kafka_bootstrap, [declared])

    wider = Topic(name=declared.name, partitions=5)
    (outcome,) = make_topics.make(servers.settings.kafka_bootstrap, [wider])

    assert (outcome.action, outcome.found) == ("differs", 3)


def test_the_command_makes_every_declared_topic_and_says_so(servers: Stack) -> None:
    servers.rustok("streams", "topics", "--fix")  # others may have made them without what settings say
    said = json.loads(servers.rustok("streams", "topics", "--json").stdout)

    assert {each["topic"]: each["partitions"] for each in said} == {
        topic.name: topic.partitions for topic in topics.ALL
    }
    assert {each["action"] for each in said} == {"kept"}


def test_a_setting_that_differs_is_said_left_and_put_right_when_asked(servers: Stack, declared: Topic) -> None:
    bootstrap = servers.settings.kafka_bootstrap
    make_topics.make(bootstrap, [Topic(name=declared.name, partitions=3, compacted=False, retention_ms=60_000)])

    (left,) = make_topics.make(bootstrap, [declared])
    (fixed,) = make_topics.make(bootstrap, [declared], fix=True)
    (kept,) = make_topics.make(bootstrap, [declared])

    assert (left.action, {one.setting for one in left.differences if one.removes}) == (
        "differs",
        {"cleanup.policy", "retention.ms"},
    )
    assert (fixed.action, fixed.differences, kept.action) == ("fixed", (), "kept")


def test_the_command_fails_when_a_topic_could_forget_and_fixes_it(servers: Stack) -> None:
    servers.rustok("streams", "topics", "--fix")
    _set(servers, topics.ORDERS.name, "cleanup.policy", "compact,delete")

    refused = servers.rustok("streams", "topics", check=False)
    said = json.loads(servers.rustok("streams", "topics", "--json", check=False).stdout)
    fixed = json.loads(servers.rustok("streams", "topics", "--fix", "--json").stdout)

    assert refused.returncode == 2
    assert "rustok.order: cleanup.policy is compact,delete, compact is declared" in refused.stderr.replace("\n", " ")
    actions = [{each["topic"]: each["action"] for each in document}[topics.ORDERS.name] for document in (said, fixed)]
    assert actions == ["differs", "fixed"]


def test_what_the_archive_reads_is_compacted_no_sooner_than_is_set(servers: Stack) -> None:
    servers.rustok("streams", "topics", "--fix")
    _set(servers, topics.ORDERS.name, "min.compaction.lag.ms", "1000")

    left = json.loads(servers.rustok("streams", "topics", "--json").stdout)
    servers.rustok("streams", "topics", "--fix")

    (orders,) = (each for each in left if each["topic"] == topics.ORDERS.name)
    assert [(one["setting"], one["found"]) for one in orders["differences"]] == [("min.compaction.lag.ms", "1000")]
    admin = AdminClient({"bootstrap.servers": servers.settings.kafka_bootstrap})
    (described,) = admin.describe_configs([ConfigResource("topic", topics.ORDERS.name)]).values()
    assert described.result()["min.compaction.lag.ms"].value == "259200000"


def _set(servers: Stack, topic: str, setting: str, value: str) -> None:
    admin = AdminClient({"bootstrap.servers": servers.settings.kafka_bootstrap})
    entry = ConfigEntry(setting, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource("topic", topic, incremental_configs=[entry])
    for future in admin.incremental_alter_configs([resource]).values():
        future.result()
