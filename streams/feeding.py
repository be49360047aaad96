"""Feeds a read model with a batch of records: decodes, folds, writes, buries, without knowing who brought it.

The newest record of an aggregate is all a read model needs (events are fat): of several in one batch only the newest
that can be used is decoded, and the bad ones that are newer. So a store holds the same however the log was cut into
batches. Returning from `apply` is the promise that every record of the batch is durable somewhere: in the store, or
among the letters. Nothing is promised when it raises; the same batch is offered again.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import structlog

from ops import metrics
from schemas.event_codec import Decoder
from schemas.events.letter import LetterReplayed, versioned
from schemas.topics import LETTERS
from sinks.freshness import Freshness
from sinks.read_model import ReadModel
from sinks.sink import Change, Held, Partition, Positions, Refusal, Sink, Unavailable
from streams import beginning
from streams.beginning import Log
from streams.dead_letters import Graveyard, Letter
from streams.letters.again import Again, from_letter
from streams.passing_over import NOTHING, PASSED_OVER, PassingOver
from streams.records import Record, header
from streams.refusal_limit import RefusalLimit
from streams.rivals import Rivals, rivals
from streams.understanding import Understanding

log = structlog.get_logger(__name__)

#: Records that are folded while a store takes those before.
_PART: Final = 500

_Place = tuple[str, int, int, int, int | None]
#: Defaults of the settings.
IN_A_ROW: Final = 100
PER_MINUTE: Final = 1000
#: With those behind it, should the store refuse it.
_Folded = tuple[Change, Record, Rivals]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revived:
    """How many parked records are applied, and those that are as unknown as before."""

    applied: int
    unknown: Sequence[Again]


class Feeding:
    """One read model being fed. A lock keeps its threads one after another; `now` gives seconds since 1970."""

    def __init__(
        self,
        model: ReadModel,
        sink: Sink,
        decoder: Decoder,
        graveyard: Graveyard,
        *,
        limit: RefusalLimit | None = None,
        passing_over: PassingOver = NOTHING,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.model = model
        self._sink = sink
        self._understanding = Understanding(model, decoder)
        self._graveyard = graveyard
        self._limit = limit or RefusalLimit(IN_A_ROW, PER_MINUTE, now)
        self._passing_over = passing_over
        self._now = now
        self._one_at_a_time = threading.Lock()
        self._committed_at_ms: list[int] = []
        self._unpublished = False
        #: Of the batch under way, which may be offered several times.
        self._buried: set[_Place] = set()
        self._places: dict[Partition, Held] = {}
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
            self._places, self._passed = beginning.places(held, logs), {}
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

    def places(self) -> Mapping[Partition, Held]:
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

    def apply(self, records: Sequence[Record]) -> None:
        """Raises `Unavailable` when a store cannot take the batch now, or too much of it is bad."""
        with self._one_at_a_time, metrics.FEED_BATCH_SECONDS.labels(self.model.id).time():
            self._limit.begin()
            told = self._told(records)
            groups, positions = rivals(told), _positions(records)
            again = [group for group in groups if isinstance(group[-1], Again)]
            # First, and settled before the position moves: a store that keeps it is not asked for them again.
            changes = self._write(again, {}) if again else []
            self._settle([record for _, record, _ in changes])
            changes += self._write([group for group in groups if not isinstance(group[-1], Again)], positions)
            self._limit.done()
            looked_at = len(changes) + len(self._buried)
            self._buried.clear()
        self._moved(positions)
        # A store that is not transactional keeps its positions with the next publishing.
        self._unpublished = self._unpublished or not self._sink.is_transactional
        self._count("written", len(changes))
        self._count("superseded", max(0, len(told) - looked_at))
        self._note(changes)
        if log.is_enabled_for(logging.DEBUG):
            for change, record, _ in changes:
                log.debug("record_applied", feed=self.model.name, version=change.version, **_ids(record))

    def hear(self) -> None:
        """While a batch waits: what operators decided meanwhile, and another try with what is asked of neighbours."""
        self.hear_decisions()
        with self._one_at_a_time:
            self._understanding.forget_schemas()

    def hear_decisions(self) -> None:
        """What operators decided meanwhile holds from the next batch on, and for one that waits at once."""
        with self._one_at_a_time:
            self._passing_over.refresh()

    def revive(self, parked: Sequence[Again]) -> Revived:
        """Applies those of its parked records that it knows by now. The others stay parked."""
        with self._one_at_a_time:
            self._limit.begin()
            unknown, known = list[Again](), list[Again]()
            for record in parked:
                (unknown if self._is_unknown(record) else known).append(record)
            # What was parked may be a decision: then another record is tried, the one it is about.
            changes = self._write([group for group in rivals(self._told(known)) if isinstance(group[-1], Again)], {})
            done = [record for record in known if record.topic == LETTERS.name and _place(record) not in self._buried]
            applied = self._settle([*done, *(record for _, record, _ in changes)])
            self._buried.clear()
        self._note(changes)
        self._count("written", applied)
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

    def _note(self, changes: Sequence[_Folded]) -> None:
        """What will be seen when it is published; how long a letter took says nothing about the chain."""
        self._unpublished = self._unpublished or bool(changes)
        self._committed_at_ms += [record.timestamp for _, record, _ in changes if not isinstance(record, Again)]

    def _told(self, records: Sequence[Record]) -> list[Record]:
        """What is for this feed: what its topics bring, and what somebody lets it try again."""
        self._limit.lift(self._passing_over.accepts_until)
        told: list[Record] = []
        for record in records:
            passed = self._passing_over.reason(record)
            if passed is not None:
                self._bury([self._understanding.letter(record, PASSED_OVER, passed)])
                continue
            outcome = record if record.topic != LETTERS.name else self._again(record)
            if isinstance(outcome, Letter):
                self._bury([outcome])
            elif outcome is not None:
                told.append(outcome)
        return told

    def _again(self, record: Record) -> Again | Letter | None:
        """None: it is another feed's."""
        outcome = self._understanding.event_of(record, "letter")
        if isinstance(outcome, Letter):
            return outcome
        envelope, event = outcome
        if not isinstance(event, LetterReplayed) or versioned(event.letter.feed) != self.model.id:
            return None
        if event.letter.topic not in {topic.name for topic in self.model.topics}:
            return None
        try:
            return from_letter(event.letter, envelope.aggregate_version)
        except (ValueError, OverflowError, OSError) as wrong:  # a moment no calendar has
            return self._understanding.letter(record, type(wrong).__name__, str(wrong))

    def _is_unknown(self, record: Record) -> bool:
        outcome = self._again(record) if record.topic == LETTERS.name else self._understanding.change_of(record)
        return isinstance(outcome, Letter) and outcome.parked

    def _settle(self, records: Sequence[Record]) -> int:
        applied = [record for record in records if isinstance(record, Again)]
        if applied:
            self._graveyard.settle(self.model.id, applied)
        return len(applied)

    def _write(self, groups: Sequence[Rivals], positions: Positions) -> list[_Folded]:
        """Writes the newest of each group that can be folded and that the store takes; the others are buried.

        A transactional store gets everything at once, to keep both or neither, and the positions also when there is
        nothing else; any other takes two parts at a time while the next is being folded, and then the positions.
        """
        written: list[_Folded] = []
        while True:
            changes, refusals = self._write_newest(groups, positions)
            if not refusals:
                if not self._sink.is_transactional:
                    self._sink.write([], positions)
                return written + changes
            # What is refused is buried before the positions move, and those it had superseded get their chance.
            refused = {id(refusal.change): refusal for refusal in refusals}
            self._bury(
                [
                    self._understanding.letter(record, "RefusedByStore", refused[id(change)].reason)
                    for change, record, _ in changes
                    if id(change) in refused
                ]
            )
            written += [each for each in changes if id(each[0]) not in refused]
            groups = [behind for change, _, behind in changes if id(change) in refused and behind]

    def _write_newest(self, groups: Sequence[Rivals], positions: Positions) -> tuple[list[_Folded], list[Refusal]]:
        if self._sink.is_transactional:
            starts, size, together = range(1), len(groups), positions
        else:
            starts, size, together = range(0, len(groups), _PART), _PART, {}
        changes: list[_Folded] = []
        writing: list[Future[Sequence[Refusal]]] = []
        with ThreadPoolExecutor(2) as writer:  # leaving it waits: nothing is written after this returned or raised
            for start in starts:
                part = self._fold_all(groups[start : start + size])
                writing.append(writer.submit(self._sink.write, [change for change, _, _ in part], together))
                changes += part
        try:
            return changes, [refusal for written in writing for refusal in written.result()]
        except Unavailable as away:
            raise _with_place(away, changes) from away

    def _fold_all(self, groups: Sequence[Rivals]) -> list[_Folded]:
        """What cannot be folded is buried when this returns."""
        changes: list[_Folded] = []
        letters: list[Letter | None] = []
        for group in groups:
            behind = list(group)
            while behind:
                record = behind.pop()
                outcome = self._understanding.change_of(record)
                if not isinstance(outcome, Letter):
                    changes.append((outcome, record, behind))
                    letters.append(None)
                    break
                letters.append(outcome)
        self._bury(letters)
        return changes

    def _bury(self, letters: Sequence[Letter | None]) -> None:
        """In their order, with None for each good record among them. What is buried is not buried twice."""
        admitted: list[Letter] = []
        try:
            for letter in letters:
                if letter is None:
                    self._limit.took()
                elif self._admit(letter):
                    admitted.append(letter)
        finally:
            self._bury_admitted(admitted)

    def _admit(self, letter: Letter) -> bool:
        """Whether it is to be buried now. Raises `TooManyRefusals`; what waits or was decided on is not counted."""
        record, is_buried = letter.record, _place(letter.record) in self._buried
        if not letter.parked and letter.error != PASSED_OVER and not isinstance(record, Again):
            where = f"{record.topic}/{record.partition}/{record.offset}"
            self._limit.refuse(where, f"{letter.error}: {letter.reason}", again=is_buried)
        return not is_buried

    def _bury_admitted(self, letters: Sequence[Letter]) -> None:
        if not letters:
            return
        self._graveyard.bury(letters)
        self._buried.update(_place(letter.record) for letter in letters)
        for letter in letters:
            self._count("parked" if letter.parked else "refused", 1)
            log.warning(
                "record_parked" if letter.parked else "record_refused",
                feed=letter.feed,
                topic=letter.record.topic,
                partition=letter.record.partition,
                offset=letter.record.offset,
                error=letter.error,
                reason=letter.reason,
                **_ids(letter.record),
            )

    def _count(self, outcome: str, number: int) -> None:
        metrics.FEED_RECORDS.labels(self.model.id, outcome).inc(number)


def _ids(record: Record) -> dict[str, str | None]:
    """What ties a log line to the request behind the record, as far as its headers say."""
    names = (("correlation_id", "ce_correlationid"), ("tenant_id", "ce_tenantid"), ("trace", "traceparent"))
    found = ((name, header(record, its_header)) for name, its_header in names)
    return {name: None if value is None else value.decode(errors="replace") for name, value in found}


def _place(record: Record) -> _Place:
    """What tells a record from all others of a batch, also when several are tried again that were at one place."""
    replay = record.replay if isinstance(record, Again) else None
    return record.topic, record.partition, record.offset, record.timestamp, replay


def _with_place(away: Unavailable, changes: Sequence[_Folded]) -> Unavailable:
    """Names the record that a store stumbled over: an operator may have to pass over it."""
    record = next((record for change, record, _ in changes if change is away.about), None)
    if record is not None:
        away.what = f"{away.what} (writing {record.topic}/{record.partition}/{record.offset})"
    return away


def _positions(records: Sequence[Record]) -> Positions:
    """Where to read on, for each partition in the batch; a partition's records are in order."""
    return {(record.topic, record.partition): record.offset + 1 for record in records}
