"""The page of events describes headers, topics and versions as they are."""

from typing import Final

from schemas.catalogue import BY_TYPE
from schemas.outbox import HEADERS
from schemas.topics import ALL
from tests.docs.pages import ROOT, first_cells

PAGE: Final = ROOT / "docs" / "events.md"


def test_every_header_is_there_in_its_order_with_its_column() -> None:
    page = PAGE.read_text()

    assert first_cells(PAGE, "## The headers of a record") == [header for header, _ in HEADERS]
    assert [(header, column) for header, column in HEADERS if f"| `{header}` | `{column}` |" not in page] == []


def test_every_topic_is_there_with_its_partitions() -> None:
    page = PAGE.read_text()

    assert first_cells(PAGE, "## Topics") == [topic.name for topic in ALL]
    assert [topic.name for topic in ALL if f"| `{topic.name}` | {topic.partitions} |" not in page] == []


def test_what_is_kept_of_a_topic_is_what_is_declared() -> None:
    lines = PAGE.read_text().splitlines()

    for topic in ALL:
        row = next(line for line in lines if line.startswith(f"| `{topic.name}` |"))
        kept = "newest of each key" if topic.compacted else "1 hour" if topic.retention_ms == 3_600_000 else "for ever"
        assert row.split("|")[3].strip() == kept


def test_the_worked_example_has_the_versions_it_tells_of() -> None:
    history = BY_TYPE["order.cancelled"]
    page = PAGE.read_text()

    assert f"({', '.join(version.__name__ for version in history.versions)})" in page
