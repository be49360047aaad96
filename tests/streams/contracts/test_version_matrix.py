from sinks.read_models import named
from streams.contracts.known_versions import Consumer, by_code
from streams.contracts.matrix_command import document
from streams.contracts.stored_versions import StoredVersion
from streams.contracts.version_matrix import matrix
from tests.support.examples import newest

SALES = Consumer(name="sales", topics=frozenset({"rustok.order"}), versions={"order.placed": 1}, source="feed")


def stored(event_type, version, topic="rustok.order"):
    return StoredVersion(event_type=event_type, version=version, topic=topic, records=1)


def verdicts(*found):
    return [cell.verdict for row in matrix(found, [SALES]).rows for cell in row.cells]


def test_what_is_newer_than_known_is_parked_and_what_is_older_is_read():
    assert verdicts(stored("order.placed", 1), stored("order.placed", 2)) == ["reads", "parks"]


def test_an_event_nobody_has_heard_of_is_parked_too():
    assert verdicts(stored("order.teleported", 1)) == ["parks"]


def test_what_a_consumer_does_not_read_is_nothing_to_it():
    assert verdicts(stored("product.created", 9, "rustok.product")) == ["not read"]


def test_what_is_parked_is_named_and_counted():
    found = matrix([stored("order.placed", 1), stored("order.placed", 2)], [SALES])

    assert [(one.version, cell.consumer, cell.knows) for one, cell in found.parked] == [(2, "sales", 1)]
    assert document(found)["parks"] == 1
    assert document(found)["consumers"] == [{"consumer": "sales", "source": "feed"}]


def test_a_feed_of_this_code_knows_what_is_in_its_topics_and_the_dead_letters():
    model = named("sales")
    assert model is not None

    known = by_code(model)

    assert known["order.cancelled"] == newest("order.cancelled")
    assert "dead_letter.replayed" in known
    assert "page.published" not in known
