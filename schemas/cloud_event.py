"""Writes an event as CloudEvents 1.0 in JSON, as receivers outside get it: the envelope, and the event in `data`."""

import json
from collections.abc import Mapping
from typing import Any, Final

from schemas.envelope import SOURCE, SPEC_VERSION, Envelope, timestamp

MEDIA_TYPE: Final = "application/cloudevents+json"


def cloud_event(envelope: Envelope, schema_version: int, data: Mapping[str, Any]) -> bytes:
    """`data` is in the words of that version: the newest that the code knows, whatever was written."""
    told = {
        "specversion": SPEC_VERSION,
        "id": str(envelope.id),
        "type": envelope.event_type,
        "source": SOURCE,
        "subject": str(envelope.aggregate_id),
        "time": timestamp(envelope.occurred_at),
        "datacontenttype": "application/json",
        "tenantid": str(envelope.tenant_id),
        "aggregateid": str(envelope.aggregate_id),
        "aggregateversion": envelope.aggregate_version,
        "schemaversion": schema_version,
        "correlationid": envelope.correlation_id,
        "causationid": envelope.causation_id,
        "actorid": envelope.actor_id,
        "traceparent": envelope.traceparent,
        "data": data,
    }
    return json.dumps({name: value for name, value in told.items() if value is not None}, ensure_ascii=False).encode()
