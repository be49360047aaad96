"""Declares the archive of events: every event of every aggregate that has a state, but for those of people.

Users are not in it, so what a person may have erased is in one place fewer; what was searched for and the audit trail
have their own rules about how long they stay. What checks of snapshots found has no state, and is in it all the same.
"""

from datetime import UTC
from typing import Any, Final

from schemas.aggregates import AGGREGATES
from schemas.envelope import Envelope
from schemas.event_catalogue import BY_TYPE
from schemas.events import quality
from schemas.topics import topic_of
from schemas.write_model import REEMITTED_BY
from sinks.read_model import Projection, ReadModel
from sinks.sink import DocumentChange
from sinks.stores import InArchive

COLLECTION: Final = "events"
KEPT: Final = tuple(row for row in AGGREGATES if (row.has_state and row.name != "user") or row is quality.AGGREGATE)


def archived_event(envelope: Envelope, event: Any) -> DocumentChange:
    """`event` is of the version it was written in. Raises `ValueError` for one that would speak for another shop."""
    history = BY_TYPE[envelope.event_type]
    if history.aggregate == "tenant" and envelope.tenant_id != envelope.aggregate_id:
        raise ValueError(f"the event is about shop {envelope.aggregate_id}, and the headers say {envelope.tenant_id}")
    return DocumentChange(
        collection=COLLECTION,
        tenant_id=envelope.tenant_id,
        id=envelope.aggregate_id,
        version=envelope.order,
        document={
            "aggregate": history.aggregate,
            "epoch": envelope.epoch,
            "version": envelope.aggregate_version,
            "event_id": envelope.id,
            "type": envelope.event_type,
            "schema_version": history.versions.index(type(event)) + 1,
            "occurred_at": envelope.occurred_at.astimezone(UTC),
            "correlation_id": envelope.correlation_id,
            "causation_id": envelope.causation_id,
            "traceparent": envelope.traceparent,
            "is_reemitted": envelope.actor_id == REEMITTED_BY,
            "body": event,
        },
    )


MODEL: Final = ReadModel(
    name="event-archive",
    version=1,
    projections=tuple(
        Projection(topic=topic_of(row), aggregate=row.name, collection=COLLECTION, fold=archived_event) for row in KEPT
    ),
    store=InArchive(),
    batch=4000,
    publish_s=5.0,
    keeps_every_event=True,
)
