"""What does a feed do with a batch of records? Decode, fold, write, bury — without knowing who brought it.

The newest record of an aggregate is all a read model needs (events are fat), so of several in one batch only the newest
is decoded. Returning from `apply` is the promise that every record of the batch is durable somewhere: in the store, or
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
from schemas.codec import Decoder, NewerThanKnown, Undecodable
from schemas.envelope import MalformedHeaders, from_headers
from schemas.events.letter import LetterReplayed
from schemas.topics import LETTERS
from sinks.freshness import Freshness
from sinks.read_model import ReadModel
from sinks.sink import Change, Held, Partition, Positions, Refusal, Sink
from streams import beginning
from streams.beginning import Log
from streams.dead_letters import Graveyard, Letter
from streams.letters.again import Again, from_letter
from streams.records import Record, header

log = structlog.get_logger(__name__)

_VERSION: Final = "ce_aggregateversion"
#: Records that are folded while a store takes those before.
_PART: Final = 500

_Folded = tuple[Change, Record]


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
        now: Callable[[], float] = time.time,
    ) -> None:
        self.model = model
        self._sink = sink
        self._decoder = decoder
        self._graveyard = graveyard
        self._now = now
        self._one_at_a_time = threading.Lock()
        self._committed_at_ms: list[int] = []
        self._unpublished = False
        self._buried: set[int] = set()
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
        """Raises `Unavailable` when a store cannot take the batch now."""
        with self._one_at_a_time, metrics.FEED_BATCH_SECONDS.labels(self.model.name).time():
            self._buried.clear()
            told = self._told(records)
            newest, positions = _newest(told), _positions(records)
            again = [record for record in newest if isinstance(record, Again)]
            # First, and settled before the position moves: a store that keeps it is not asked for them again.
            changes, refused = self._write(again, {}) if again else ([], 0)
            self._settle(again)
            others, refused_too = self._write([each for each in newest if not isinstance(each, Again)], positions)
        self._moved(positions)
        # A store that is not transactional keeps its positions with the next publishing.
        self._unpublished = self._unpublished or not self._sink.is_transactional
        changes += others
        self._count("written", len(changes) - refused - refused_too)
        self._count("superseded", len(told) - len(newest))
        self._note(changes)
        if log.is_enabled_for(logging.DEBUG):
            for change, record in changes:
                log.debug("record_applied", feed=self.model.name, version=change.version, **_ids(record))

    def revive(self, parked: Sequence[Again]) -> Revived:
        """Applies those of its parked records that it knows by now. The others stay parked."""
        with self._one_at_a_time:
            self._buried.clear()
            unknown, known = list[Again](), list[Again]()
            for record in parked:
                (unknown if self._is_unknown(record) else known).append(record)
            # What was parked may be a decision: then another record is tried, the one it is about.
            again = [record for record in _newest(self._told(known)) if isinstance(record, Again)]
            changes, _ = self._write(again, {})
            applied = self._settle([*(record for record in known if record.topic == LETTERS.name), *again])
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
        visible_after = metrics.FEED_VISIBLE_SECONDS.labels(self.model.name)
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
        self._committed_at_ms += [record.timestamp for _, record in changes if not isinstance(record, Again)]

    def _told(self, records: Sequence[Record]) -> list[Record]:
        """What is for this feed: what its topics bring, and what somebody lets it try again."""
        told: list[Record] = []
        for record in records:
            outcome = record if record.topic != LETTERS.name else self._again(record)
            if isinstance(outcome, Letter):
                self._bury([outcome])
            elif outcome is not None:
                told.append(outcome)
        return told

    def _again(self, record: Record) -> Again | Letter | None:
        """None: it is another feed's."""
        try:
            if record.value is None:
                raise Undecodable("the record has no value")
            envelope, event = from_headers(record.headers), self._decoder.decode(record.value)
        except (MalformedHeaders, Undecodable, NewerThanKnown) as bad:
            return self._letter(record, type(bad).__name__, str(bad), parked=isinstance(bad, NewerThanKnown))
        if not isinstance(event, LetterReplayed) or event.letter.feed != self.model.name:
            return None
        if event.letter.topic not in {topic.name for topic in self.model.topics}:
            return None
        return from_letter(event.letter, envelope.aggregate_version)

    def _is_unknown(self, record: Record) -> bool:
        outcome = self._again(record) if record.topic == LETTERS.name else self._fold(record)
        return isinstance(outcome, Letter) and outcome.parked

    def _settle(self, again: Sequence[Again]) -> int:
        applied = [record for record in again if id(record) not in self._buried]
        if applied:
            self._graveyard.settle(self.model.name, applied)
        return len(applied)

    def _write(self, newest: Sequence[Record], positions: Positions) -> tuple[list[_Folded], int]:
        """Folds, writes, and buries what is refused; gives what it folded, and how much of that was refused.

        A transactional store gets everything at once, to keep both or neither, and the positions also when there is
        nothing else; any other takes two parts at a time while the next is being folded, and then the positions.
        """
        if self._sink.is_transactional:
            starts, size, together = range(1), len(newest), positions
        else:
            starts, size, together = range(0, len(newest), _PART), _PART, {}
        changes: list[_Folded] = []
        writing: list[Future[Sequence[Refusal]]] = []
        with ThreadPoolExecutor(2) as writer:  # leaving it waits: nothing is written after this returned or raised
            for start in starts:
                part = self._fold_all(newest[start : start + size])
                writing.append(writer.submit(self._sink.write, [change for change, _ in part], together))
                changes += part
        refusals = [refusal for written in writing for refusal in written.result()]
        self._bury_refused(changes, refusals)
        if not self._sink.is_transactional:
            self._sink.write([], positions)
        return changes, len(refusals)

    def _fold_all(self, records: Sequence[Record]) -> list[_Folded]:
        """What cannot be folded is buried when this returns."""
        changes: list[_Folded] = []
        letters: list[Letter] = []
        for record in records:
            outcome = self._fold(record)
            if isinstance(outcome, Letter):
                letters.append(outcome)
            else:
                changes.append((outcome, record))
        self._bury(letters)
        return changes

    def _fold(self, record: Record) -> Change | Letter:
        try:
            if record.value is None:
                raise Undecodable("the record has no value")
            envelope = from_headers(record.headers)
            event = self._decoder.decode(record.value)
            return self.model.projection_of(record.topic).fold(envelope, event)
        except (MalformedHeaders, Undecodable) as bad:
            return self._letter(record, type(bad).__name__, str(bad))
        except NewerThanKnown as unknown:
            return self._letter(record, type(unknown).__name__, str(unknown), parked=True)

    def _letter(self, record: Record, error: str, reason: str, parked: bool = False) -> Letter:
        return Letter(record=record, feed=self.model.name, error=error, reason=reason, parked=parked)

    def _bury_refused(self, changes: Sequence[_Folded], refusals: Sequence[Refusal]) -> None:
        record_of = {id(change): record for change, record in changes}
        self._bury(
            [self._letter(record_of[id(refusal.change)], "RefusedByStore", refusal.reason) for refusal in refusals]
        )

    def _bury(self, letters: Sequence[Letter]) -> None:
        if not letters:
            return
        self._graveyard.bury(letters)
        self._buried.update(id(letter.record) for letter in letters)
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
        metrics.FEED_RECORDS.labels(self.model.name, outcome).inc(number)


def _ids(record: Record) -> dict[str, str | None]:
    """What ties a log line to the request behind the record, as far as its headers say."""
    names = (("correlation_id", "ce_correlationid"), ("tenant_id", "ce_tenantid"), ("trace", "traceparent"))
    found = ((name, header(record, its_header)) for name, its_header in names)
    return {name: None if value is None else value.decode(errors="replace") for name, value in found}


def _newest(records: Sequence[Record]) -> list[Record]:
    """One record per aggregate, that of its highest version. What says no key or version stands for itself."""
    newest: dict[object, tuple[int, Record]] = {}
    for record in records:
        version = header(record, _VERSION)
        alone = record.key is None or record.value is None or isinstance(record, Again)
        if alone or version is None or not version.isdigit():
            newest[type(record), record.topic, record.partition, record.offset, record.timestamp] = (0, record)
            continue
        held = newest.get((record.topic, record.key))
        if held is None or held[0] <= int(version):
            newest[record.topic, record.key] = (int(version), record)
    return [record for _, record in newest.values()]


def _positions(records: Sequence[Record]) -> Positions:
    """Where to read on, for each partition in the batch; a partition's records are in order."""
    return {(record.topic, record.partition): record.offset + 1 for record in records}
