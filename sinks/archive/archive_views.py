"""Defines what an analyst finds in the archive: the view `events`, one view for each type of event, and the gaps.

A view of a type has the envelope and what the event says in columns, typed as its newest version is. Columns are listed
by name, so a view says the same for as long as its file lives.
"""

from collections.abc import Collection, Iterator
from dataclasses import fields
from typing import Final, get_type_hints

from schemas.event_catalogue import HISTORIES
from schemas.event_history import History
from sinks.archive import history_views
from sinks.archive.event_rows import COLUMNS
from sinks.archive.ledger_tables import GAPS, RESTARTS
from sinks.archive.typed_json import told

#: What every view of a type begins with; the aggregate's id is named after it.
ENVELOPE: Final = (
    "tenant_id",
    "aggregate_id",
    "version",
    "occurred_at",
    "archived_at",
    "event_id",
    "correlation_id",
    "is_reemitted",
)


def statements(aggregates: Collection[str]) -> Iterator[str]:
    """What makes the views of these aggregates, over no files yet."""
    yield f"CREATE TABLE recent ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})"
    yield from over_files("", "", "")
    yield _EVENTS
    yield _EVENT_GAPS
    for history in (history for history in HISTORIES if history.aggregate in aggregates):
        yield typed_view(history)
    yield from history_views.statements()


def over_files(events: str, gaps: str, restarts: str) -> Iterator[str]:
    """What has the views read other files. These are given as they stand behind FROM; empty: there are none.

    No other view has to be made again, which would take a second.
    """
    of_files = f" UNION ALL SELECT {', '.join(COLUMNS)} FROM {events}" if events else ""
    yield f"CREATE OR REPLACE VIEW kept_events AS SELECT {', '.join(COLUMNS)} FROM recent{of_files}"
    for name, read, columns in (("kept_gaps", gaps, GAPS), ("restarts", restarts, RESTARTS)):
        nothing = ", ".join(f"NULL::{kind} AS {column}" for column, kind in columns.items())
        rows = f"SELECT {', '.join(columns)} FROM {read}" if read else f"SELECT {nothing} WHERE false"
        yield f"CREATE OR REPLACE VIEW {name} AS {rows}"


#: What older epochs say from a version on that a newer one tells anew never happened: the database was put back.
_EVENTS: Final = """
    CREATE VIEW events AS
    SELECT tenant_id, aggregate, aggregate_id, version, type, occurred_at, archived_at, event_id, correlation_id,
           causation_id, traceparent, is_reemitted, schema_version, read_as AS body_version,
           coalesce(newest, body) AS body, body AS body_as_written, epoch, archive_no
    FROM kept_events AS event
    WHERE NOT EXISTS (
        FROM restarts AS anew
        WHERE anew.tenant_id = event.tenant_id AND anew.aggregate = event.aggregate
          AND anew.aggregate_id = event.aggregate_id AND anew.epoch > event.epoch AND event.version >= anew.version
    )
"""
_EVENT_GAPS: Final = """
    CREATE VIEW event_gaps AS
    SELECT tenant_id, aggregate, aggregate_id, first_version, last_version,
           last_version - first_version + 1 AS missing, kind, seen_at
    FROM kept_gaps
"""


def typed_view(history: History) -> str:
    """`order_placed` for `order.placed`."""
    columns, taken = list[str](), set[str]()

    def add(expression: str, name: str, instead: str = "") -> None:
        free = name if name not in taken else instead
        if free:  # else it is the aggregate's id, of a tenant
            taken.add(free)
            columns.append(f'{expression} AS "{free}"')

    for column in ENVELOPE:
        add(column, f"{history.aggregate}_id" if column == "aggregate_id" else column)
    hints = get_type_hints(history.newest)
    for field in (field.name for field in fields(history.newest) if field.name != history.aggregate):
        add(f'told."{field}"', field, f"event_{field}")
    about = hints.get(history.aggregate)
    if about is not None:
        for field in (field.name for field in fields(about) if field.name != "id"):
            add(f'told."{history.aggregate}"."{field}"', field, f"{history.aggregate}_{field}")
    return (
        f"CREATE VIEW {history.event_type.replace('.', '_')} AS SELECT {', '.join(columns)}"
        f" FROM (SELECT {', '.join(ENVELOPE)}, {told(history.newest)} AS told FROM events"
        f" WHERE aggregate = '{history.aggregate}' AND type = '{history.event_type}')"
    )
