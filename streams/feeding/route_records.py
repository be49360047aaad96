"""Routes the records of a batch: what the read model reads, what operators let it pass over, what it is to retry."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.events.dead_letter import DeadLetterReplayed, versioned
from schemas.topics import DEAD_LETTER_DECISIONS
from sinks.read_model import ReadModel
from streams.dead_letters.dead_letter import UnusableRecord
from streams.dead_letters.retried_record import RetriedRecord, retried_record
from streams.feeding.decode_record import RecordDecoder
from streams.feeding.passed_over_records import PASSED_OVER, PassingOver
from streams.kafka_record import KafkaRecord


@dataclass(frozen=True, slots=True)
class Routed:
    """What is to be applied: fresh from the log, and retried. `refused` is not looked at any further."""

    fresh: Sequence[KafkaRecord]
    retried: Sequence[RetriedRecord]
    refused: Sequence[UnusableRecord]


class RecordRouter:
    def __init__(self, model: ReadModel, decoder: RecordDecoder, passing_over: PassingOver) -> None:
        self._model = model
        self._topics = frozenset(topic.name for topic in model.topics)
        self._decoder = decoder
        self._passing_over = passing_over

    def route(self, records: Sequence[KafkaRecord]) -> Routed:
        """Raises `Unavailable` when the registry of schemas is."""
        fresh, retried, refused = list[KafkaRecord](), list[RetriedRecord](), list[UnusableRecord]()
        for record in records:
            passed = self._passing_over.reason(record)
            if passed is not None:
                refused.append(self._decoder.unusable(record, PASSED_OVER, passed))
                continue
            outcome = self.decided(record) if record.topic == DEAD_LETTER_DECISIONS.name else record
            if isinstance(outcome, UnusableRecord):
                refused.append(outcome)
            elif isinstance(outcome, RetriedRecord):
                retried.append(outcome)
            elif outcome is not None:
                fresh.append(outcome)
        return Routed(fresh, retried, refused)

    def decided(self, decision: KafkaRecord) -> RetriedRecord | UnusableRecord | None:
        """The record that this feed is to retry, as somebody decided; None: it is another feed's."""
        decoded = self._decoder.decode(decision, "dead_letter")
        if isinstance(decoded, UnusableRecord):
            return decoded
        event = decoded.event
        if not isinstance(event, DeadLetterReplayed) or versioned(event.dead_letter.feed) != self._model.id:
            return None
        if event.dead_letter.topic not in self._topics:
            return None
        try:
            return retried_record(event.dead_letter, decoded.envelope.aggregate_version)
        except (ValueError, OverflowError, OSError) as wrong:  # a moment no calendar has
            return self._decoder.unusable(decision, type(wrong).__name__, str(wrong))
