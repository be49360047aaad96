"""Reports what became of each record: counted, logged, and sent to the dead letters when it cannot be used.

A batch may be offered several times: what was sent for it is not sent again. So many refused records in a row that the
fault is more likely ours are a reason to wait.
"""

import logging
from collections.abc import Sequence

import structlog

from ops import metrics
from sinks.read_model import ReadModel
from streams.dead_letters.dead_letter import UnusableRecord
from streams.dead_letters.retried_record import RetriedRecord
from streams.dead_letters.send_dead_letters import DeadLetters
from streams.feeding.fold_records import Folded, Outcomes
from streams.feeding.passed_over_records import PASSED_OVER
from streams.feeding.refusal_limit import RefusalLimit
from streams.kafka_record import KafkaRecord, header

log = structlog.get_logger(__name__)

_Mark = tuple[str, int, int, int, int | None]


class OutcomeReport:
    def __init__(self, model: ReadModel, dead_letters: DeadLetters, limit: RefusalLimit) -> None:
        self._model = model
        self._dead_letters = dead_letters
        self._limit = limit
        #: Of the batch under way.
        self._sent: set[_Mark] = set()

    def begin(self, accepts_until: float) -> None:
        """A batch, perhaps one that was offered before; until that moment any number may be refused."""
        self._limit.lift(accepts_until)
        self._limit.begin()

    def looked_at(self, outcomes: Outcomes | Sequence[UnusableRecord]) -> None:
        """In the order of the records. Raises `TooManyRefusals`, and `Unavailable` when Kafka is."""
        admitted: list[UnusableRecord] = []
        try:
            for outcome in outcomes:
                if isinstance(outcome, Folded):
                    self._limit.took()
                elif self._admit(outcome):
                    admitted.append(outcome)
        finally:
            self._send(admitted)

    def is_refused(self, record: KafkaRecord) -> bool:
        """Whether it went to the dead letters, or was parked, since the batch began."""
        return _mark(record) in self._sent

    def settle(self, records: Sequence[KafkaRecord]) -> int:
        """Tells of those among them that were dead letters that they are applied; gives how many."""
        applied = [record for record in records if isinstance(record, RetriedRecord)]
        if applied:
            self._dead_letters.settle(self._model.id, applied)
        return len(applied)

    def done(self, folded: Sequence[Folded], of: int) -> None:
        """The batch is durable: of so many records these made a change."""
        self._limit.done()
        self.count("written", len(folded))
        self.count("superseded", max(0, of - len(folded) - len(self._sent)))
        self.forget()
        if log.is_enabled_for(logging.DEBUG):
            for each in folded:
                version = each.change.version
                log.debug("record_applied", feed=self._model.name, version=version, **_ids(each.record))

    def forget(self) -> None:
        """What was sent belongs to no batch any more."""
        self._sent.clear()

    def count(self, outcome: str, number: int) -> None:
        metrics.FEED_RECORDS.labels(self._model.id, outcome).inc(number)

    def _admit(self, unusable: UnusableRecord) -> bool:
        """Whether it is to be sent now. Raises `TooManyRefusals`; what waits or was decided on is not counted."""
        record, is_sent = unusable.record, self.is_refused(unusable.record)
        if not unusable.parked and unusable.error != PASSED_OVER and not isinstance(record, RetriedRecord):
            where = f"{record.topic}/{record.partition}/{record.offset}"
            self._limit.refuse(where, f"{unusable.error}: {unusable.reason}", again=is_sent)
        return not is_sent

    def _send(self, records: Sequence[UnusableRecord]) -> None:
        if not records:
            return
        self._dead_letters.send(records)
        self._sent.update(_mark(unusable.record) for unusable in records)
        for unusable in records:
            self.count("parked" if unusable.parked else "refused", 1)
            log.warning(
                "record_parked" if unusable.parked else "record_refused",
                feed=unusable.feed,
                topic=unusable.record.topic,
                partition=unusable.record.partition,
                offset=unusable.record.offset,
                error=unusable.error,
                reason=unusable.reason,
                **_ids(unusable.record),
            )


def _mark(record: KafkaRecord) -> _Mark:
    """What tells a record from all others of a batch, also when several are retried that were at one place."""
    replay = record.replay if isinstance(record, RetriedRecord) else None
    return record.topic, record.partition, record.offset, record.timestamp, replay


def _ids(record: KafkaRecord) -> dict[str, str | None]:
    """What ties a log line to the request behind the record, as far as its headers say."""
    names = (("correlation_id", "ce_correlationid"), ("tenant_id", "ce_tenantid"), ("trace", "traceparent"))
    found = ((name, header(record, its_header)) for name, its_header in names)
    return {name: None if value is None else value.decode(errors="replace") for name, value in found}
