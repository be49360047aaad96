from click.testing import CliRunner

from ops.home import project_root
from schemas.event_catalogue import HISTORIES
from sinks.analytics.event_archive import MODEL as ARCHIVE
from sinks.analytics.sales_facts import MODEL
from sinks.read_models import READ_MODELS
from streams.contracts.catalogue_page import page
from streams.contracts.commands import doc
from streams.contracts.event_facts import aggregates

FOUND = aggregates()
EVENTS = {event.type: event for aggregate in FOUND for event in aggregate.events}


def test_the_committed_page_is_what_the_code_says():
    result = CliRunner().invoke(doc, ["--check"])

    assert (result.exit_code, result.output) == (0, "")


def test_a_page_that_says_something_else_is_told_apart():
    assert page(FOUND[1:]) != (project_root() / "docs" / "event-catalogue.md").read_text()


def test_every_event_is_there_with_an_owner():
    assert list(EVENTS) == [history.event_type for history in HISTORIES]
    assert [aggregate.name for aggregate in FOUND if aggregate.owner == "nobody yet"] == []


def test_the_files_that_make_an_event_are_found():
    assert EVENTS["order.cancelled"].producers == ("api/domain/order_events.py",)
    assert EVENTS["product.published"].producers != ()


def test_every_field_says_what_it_means():
    fields = [
        (holder, field)
        for aggregate in FOUND
        for holder, held in [
            *((event.type, event.fields) for event in aggregate.events),
            *((value.name, value.fields) for value in aggregate.values),
        ]
        for field in held
    ]

    assert [f"{holder}.{field.name}" for holder, field in fields if not field.meaning] == []


def test_a_later_version_says_why_it_came_and_what_changed():
    first, second, *_ = EVENTS["order.cancelled"].versions

    assert (first.number, first.changed) == (1, ())
    assert "balances the books" in second.why
    assert [each for each in second.changed if "refund_minor" in each] == ["`refund_minor` added, long"]


def test_readers_are_the_feeds_of_the_pipeline():
    readers = {aggregate.name: aggregate.consumers for aggregate in FOUND}

    assert readers["order"] == (
        f"feed `sales` → `{MODEL.id}`, orders",
        f"feed `event-archive` → `{ARCHIVE.id}`, events",
    )
    assert readers["user"] == ()
    assert len(readers["dead_letter"]) == len(READ_MODELS)
