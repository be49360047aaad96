"""Decodes a record: whatever its bytes are, it becomes an event with its envelope, or a dead letter.

A record may be anything. What it says about itself is believed only as far as it agrees with itself: an event that
does not belong to its topic, or is about another aggregate than its headers and its key, could change what it has no
right to.
"""

import traceback
from dataclasses import dataclass
from typing import Any, Final

from schemas.envelope import AGGREGATE_HEADER, Envelope, MalformedHeaders, from_headers
from schemas.event_catalogue import history_of
from schemas.event_codec import Decoder, NewerThanKnown, Undecodable, VersionReader
from sinks.sink import Unavailable
from streams.dead_letters.dead_letter import UnusableRecord
from streams.kafka_record import KafkaRecord, header

_LONGEST_REASON: Final = 2_000
_LONGEST_TRACE: Final = 8_000


class Contradiction(ValueError):
    """A record that does not agree with itself; the message says in what."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """`event` is in its newest version, `as_written` in its own."""

    envelope: Envelope
    event: Any
    as_written: Any


class RecordDecoder:
    """Reads records for the read model `feed`, by its id."""

    def __init__(self, feed: str, decoder: Decoder) -> None:
        self._feed = feed
        self._decoder = decoder

    def decode(self, record: KafkaRecord, aggregate: str) -> Decoded | UnusableRecord:
        """An event of `aggregate`. Raises `Unavailable` when the registry of schemas is, and nothing else."""
        opened = self._opened(record)
        if isinstance(opened, UnusableRecord):
            return opened
        # Nothing below here asks anybody: what is raised is about this record alone, and none may stop those behind it.
        try:
            return self._event(record, *opened, aggregate)
        except Exception as wrong:  # noqa: BLE001  # deliberately all: see above
            return self.refused(record, wrong)

    def unusable(
        self, record: KafkaRecord, error: str, reason: str, *, parked: bool = False, trace: str = ""
    ) -> UnusableRecord:
        return UnusableRecord(
            record=record,
            feed=self._feed,
            error=error,
            reason=_bounded(reason, _LONGEST_REASON),
            parked=parked,
            trace=trace,
        )

    def _opened(self, record: KafkaRecord) -> tuple[Envelope, VersionReader] | UnusableRecord:
        """Its envelope and what can read its bytes. The registry is asked here: nothing unforeseen is caught."""
        try:
            if record.value is None:
                raise Undecodable("the record has no value")
            return from_headers(record.headers), self._decoder.reader_of(record.value)
        except (MalformedHeaders, Undecodable) as bad:
            return self.unusable(record, type(bad).__name__, str(bad))
        except NewerThanKnown as unknown:
            return self.unusable(record, type(unknown).__name__, str(unknown), parked=True)

    def _event(self, record: KafkaRecord, envelope: Envelope, reader: VersionReader, aggregate: str) -> Decoded:
        if reader.history.aggregate != aggregate:
            raise Contradiction(f"{reader.history.event_type} is no event of {record.topic}")
        if (reader.history.event_type, reader.version) != (envelope.event_type, envelope.schema_version):
            said = f"{envelope.event_type} v{envelope.schema_version}"
            raise Contradiction(f"the headers say {said}, the body is {reader.history.event_type} v{reader.version}")
        if record.key != header(record, AGGREGATE_HEADER):
            raise Contradiction(f"the key is not the aggregate's id, {envelope.aggregate_id}: {_shown(record.key)}")
        as_written = reader.as_written(record.value or b"")
        event = reader.newest(as_written)
        about = getattr(event, history_of(event).aggregate, None)
        own = getattr(about, "id", envelope.aggregate_id)
        if own != envelope.aggregate_id:
            raise Contradiction(f"the event is about {own}, the headers about {envelope.aggregate_id}")
        return Decoded(envelope, event, as_written)

    def refused(self, record: KafkaRecord, wrong: Exception) -> UnusableRecord:
        """What is wrong with it. Raises `Unavailable` when that is no fault of the record."""
        if isinstance(wrong, MemoryError):
            # Ours is what ran out; whether this record was what took it nobody knows.
            raise Unavailable("there is not enough memory to read a record") from wrong
        foreseen = isinstance(wrong, MalformedHeaders | Undecodable | Contradiction)
        trace = "" if foreseen else _bounded("".join(traceback.format_exception(wrong)), _LONGEST_TRACE, end=True)
        return self.unusable(record, type(wrong).__name__, str(wrong) or type(wrong).__name__, trace=trace)


def _bounded(text: str, longest: int, *, end: bool = False) -> str:
    """What can be written anywhere: no longer than that, no NUL, nothing that UTF-8 has no bytes for."""
    sayable = text.replace("\0", "\\0").encode(errors="backslashreplace").decode()
    if len(sayable) <= longest:
        return sayable
    return "…" + sayable[-longest:] if end else sayable[:longest] + "…"


def _shown(key: bytes | None) -> str:
    return "none" if key is None else repr(key[:100])
