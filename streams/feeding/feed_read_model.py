"""Feeds one read model batch by batch, without knowing who brings the records.

Returning from `apply` is the promise that every record of the batch is durable somewhere: in the store, or among the
dead letters. Nothing is promised when it raises; the same batch is offered again.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from ops import metrics
from schemas.event_codec import Decoder
from schemas.topics import DEAD_LETTER_DECISIONS
from sinks.freshness import Freshness
from sinks.read_model import ReadModel
from sinks.sink import HeldOffset, Partition, Positions, Sink
from streams.dead_letters.dead_letter import UnusableRecord
from streams.dead_letters.retried_record import RetriedRecord
from streams.dead_letters.send_dead_letters import DeadLetters
from streams.feeding import start_positions
from streams.feeding.decode_record import RecordDecoder
from streams.feeding.fold_records import Folded, RecordFolder
from streams.feeding.newest_of_each_aggregate import Group, group_by_aggregate
from streams.feeding.passed_over_records import NOTHING, PassingOver
from streams.feeding.refusal_limit import RefusalLimit
from streams.feeding.report_outcomes import OutcomeReport
from streams.feeding.route_records import RecordRouter
from streams.feeding.start_positions import Log
from streams.feeding.write_changes import ChangeWriter
from streams.kafka_record import KafkaRecord

log = structlog.get_logger(__name__)

#: Defaults of the settings.
IN_A_ROW: Final = 100
PER_MINUTE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Revived:
    """How many parked records are applied, and those that are as unknown as before."""

    applied: int
    unknown: Sequence[RetriedRecord]


class Feeding:
    """One read model being fed. A lock keeps its threads one after another; `now` gives seconds since 1970."""

    def __init__(
        self,
        model: ReadModel,
        sink: Sink,
        decoder: Decoder,
        dead_letters: DeadLetters,
        *,
        limit: RefusalLimit | None = None,
        passing_over: PassingOver = NOTHING,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.model = model
        self._sink = sink
        self._schemas = decoder
        self._passing_over = passing_over
        self._now = now
        reads = RecordDecoder(model.id, decoder)
        self._router = RecordRouter(model, reads, passing_over)
        self._folder = RecordFolder(model, reads)
        self._report = OutcomeReport(model, dead_letters, limit or RefusalLimit(IN_A_ROW, PER_MINUTE, now))
        self._writer = ChangeWriter(sink, self._folder, reads, self._report)
        self._one_at_a_time = threading.Lock()
        self._committed_at_ms: list[int] = []
        self._unpublished = False
        self._places: dict[Partition, HeldOffset] = {}
        self._passed: dict[Partition, int] = {}

    def open(self) -> None:
        """Opens the store, or another one in the place of one that was lost."""
        with self._one_at_a_time:
            self._sink.open()
            self._places, self._passed = {}, {}
        log.info("store_opened", feed=self.model.name, birth=self._sink.birth())

    def begin(self, logs: Mapping[Partition, Log]) -> Freshness:
        """From now on these are read, from `places` on. Gives what readers were told of them, as far as it stays true.

        Raises `Unavailable`, and `StoreLost`.
        """
        with self._one_at_a_time:
            held = self._sink.positions()
            self._places, self._passed = start_positions.places(held, logs), {}
            self._sink.begin(self._places)
            told = self._sink.freshness()
        anew = {p: place for p, place in self._places.items() if held.get(p) != place}
        for (topic, number), place in anew.items():
            was = held.get((topic, number))
            log.info(
                "partition_begun",
                feed=self.model.name,
                topic=topic,
                partition=number,
                until=place.until,
                offset=place.next,
                was_at=None if was is None else was.next,
            )
        kept = {f"{topic}/{number}" for topic, number in self._places.keys() - anew.keys()}
        return replace(told, by_partition={name: at for name, at in told.by_partition.items() if name in kept})

    def places(self) -> Mapping[Partition, HeldOffset]:
        """How far the store has come in what was begun with: as durable as the last `apply` that returned."""
        return dict(self._places)

    @property
    def is_building(self) -> bool:
        """Whether the store still lacks what was in the log when it was made."""
        return not all(place.is_built for place in self._places.values())

    def passed(self, positions: Positions) -> None:
        """Nothing is left to apply before these: what was there was of Kafka's own, or nobody's."""
        behind = {p: offset for p, offset in positions.items() if p in self._places and self._places[p].next < offset}
        self._passed |= behind
        self._moved(behind)

    def _moved(self, positions: Positions) -> None:
        for partition in positions.keys() & self._places.keys():
            self._places[partition] = replace(self._places[partition], next=positions[partition])

    def apply(self, records: Sequence[KafkaRecord]) -> None:
        """Raises `Unavailable` when a store cannot take the batch now, or too much of it is bad."""
        with self._one_at_a_time, metrics.FEED_BATCH_SECONDS.labels(self.model.id).time():
            self._report.begin(self._passing_over.accepts_until)
            routed, positions = self._router.route(records), _positions(records)
            self._report.looked_at(routed.refused)
            # First, and settled before the position moves: a store that keeps it is not asked for them again.
            folded = self._writer.write(group_by_aggregate(routed.retried), {}) if routed.retried else []
            self._report.settle([each.record for each in folded])
            folded += self._writer.write(self._groups(routed.fresh), positions)
            self._report.done(folded, of=len(routed.fresh) + len(routed.retried) + len(routed.refused))
        self._moved(positions)
        # A store that is not transactional keeps its positions with the next publishing.
        self._unpublished = self._unpublished or not self._sink.is_transactional
        self._note(folded)

    def hear(self) -> None:
        """While a batch waits: what operators decided meanwhile, and another try with what is asked of neighbours."""
        self.hear_decisions()
        with self._one_at_a_time:
            self._schemas.forget()

    def hear_decisions(self) -> None:
        """What operators decided meanwhile holds from the next batch on, and for one that waits at once."""
        with self._one_at_a_time:
            self._passing_over.refresh()

    def revive(self, parked: Sequence[RetriedRecord]) -> Revived:
        """Applies those of its parked records that it knows by now. The others stay parked."""
        with self._one_at_a_time:
            self._report.begin(self._passing_over.accepts_until)
            unknown, known = list[RetriedRecord](), list[RetriedRecord]()
            for record in parked:
                (unknown if self._is_unknown(record) else known).append(record)
            # What was parked may be a decision: then another record is tried, the one it is about.
            routed = self._router.route(known)
            self._report.looked_at(routed.refused)
            folded = self._writer.write(group_by_aggregate(routed.retried), {})
            decided = [
                each for each in known if each.topic == DEAD_LETTER_DECISIONS.name and not self._report.is_refused(each)
            ]
            applied = self._report.settle([*decided, *(each.record for each in folded)])
            self._report.forget()
            self._report.count("written", applied)
        self._note(folded)
        return Revived(applied=applied, unknown=unknown)

    def publish(self, freshness: Freshness) -> Freshness:
        """Shows readers all that was applied; gives how fresh they are told it is.

        Raises `Unavailable`, and then nothing is lost: publish again.
        """
        with self._one_at_a_time:
            if self._passed:
                self._sink.write([], self._passed)
                self._passed = {}
            told = self._sink.publish(freshness)
        now_ms = self._now() * 1000
        visible_after = metrics.FEED_VISIBLE_SECONDS.labels(self.model.id)
        for committed_at_ms in self._committed_at_ms:
            visible_after.observe(max(0.0, (now_ms - committed_at_ms) / 1000))
        self._committed_at_ms.clear()
        self._unpublished = False
        return self.model.complete(told)

    @property
    def has_unpublished(self) -> bool:
        return self._unpublished

    def close(self) -> None:
        """Waits for a batch under way: a store is never closed under a writer."""
        with self._one_at_a_time:
            self._sink.close()

    def _groups(self, records: Sequence[KafkaRecord]) -> Sequence[Group]:
        """What is newest supersedes what was before it, unless the model keeps every event."""
        return [[record] for record in records] if self.model.keeps_every_event else group_by_aggregate(records)

    def _note(self, folded: Sequence[Folded]) -> None:
        """What will be seen when it is published; how long a dead letter took says nothing about the chain."""
        self._unpublished = self._unpublished or bool(folded)
        self._committed_at_ms += [
            each.record.timestamp for each in folded if not isinstance(each.record, RetriedRecord)
        ]

    def _is_unknown(self, record: KafkaRecord) -> bool:
        outcome = (
            self._router.decided(record) if record.topic == DEAD_LETTER_DECISIONS.name else self._folder.fold(record)
        )
        return isinstance(outcome, UnusableRecord) and outcome.parked


def _positions(records: Sequence[KafkaRecord]) -> Positions:
    """Where to read on, for each partition in the batch; a partition's records are in order."""
    return {(record.topic, record.partition): record.offset + 1 for record in records}
