"""Folds what was decoded: of each aggregate the newest record that can be used, and the bad ones that are newer.

So a store holds the same however the log was cut into batches. A model that keeps every event gets each as it was
written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sinks.read_model import ReadModel
from sinks.sink import DocumentChange
from streams.dead_letters.dead_letter import UnusableRecord
from streams.feeding.decode_record import Contradiction, RecordDecoder
from streams.feeding.newest_of_each_aggregate import Group
from streams.kafka_record import KafkaRecord


@dataclass(frozen=True, slots=True)
class Folded:
    """The change that a record makes, and the records it supersedes: they are needed when the store refuses it."""

    change: DocumentChange
    record: KafkaRecord
    superseded: Group


#: In the order in which records were looked at; those that cannot be used are dead letters.
Outcomes = Sequence[Folded | UnusableRecord]


class RecordFolder:
    def __init__(self, model: ReadModel, decoder: RecordDecoder) -> None:
        self._model = model
        self._decoder = decoder
        self._aggregates = {projection.topic.name: projection.aggregate for projection in model.projections}

    def fold_parts(self, groups: Sequence[Group], size: int) -> Iterator[Outcomes]:
        """So many groups at a time: a store can take some while the next are being folded."""
        for start in range(0, len(groups), size):
            outcomes = list[Folded | UnusableRecord]()
            for group in groups[start : start + size]:
                self._fold_newest(group, outcomes)
            yield outcomes

    def fold(self, record: KafkaRecord) -> DocumentChange | UnusableRecord:
        """Raises `Unavailable` when the registry of schemas is, and nothing else."""
        # Of a topic that the model does not read nothing is an event.
        decoded = self._decoder.decode(record, self._aggregates.get(record.topic, ""))
        if isinstance(decoded, UnusableRecord):
            return decoded
        of = decoded.envelope
        # A fold asks nobody: what it raises is about this record alone, and none may stop those behind it.
        try:
            event = decoded.as_written if self._model.keeps_every_event else decoded.event
            change = self._model.projection_of(record.topic).fold(of, event)
            if (change.aggregate_id, change.tenant_id) != (of.aggregate_id, of.tenant_id):
                raise Contradiction(f"the change would be of {change.aggregate_id}, not of {of.aggregate_id}")
        except Exception as wrong:  # noqa: BLE001  # deliberately all: see above
            return self._decoder.refused(record, wrong)
        return change

    def _fold_newest(self, group: Group, outcomes: list[Folded | UnusableRecord]) -> None:
        """What is bad is no reason to lose the record before it: that is looked at, too."""
        older = list(group)
        while older:
            record = older.pop()
            outcome = self.fold(record)
            if not isinstance(outcome, UnusableRecord):
                outcomes.append(Folded(outcome, record, older))
                return
            outcomes.append(outcome)
