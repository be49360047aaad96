"""Finds the parked records that are a feed's own and still to be tried, at its start: its code may know them by now.

What feeds and people said about dead letters is read first, then what is parked. So what is said about a record that is
parked later is found behind the place where this reading ended.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog

from ops.clients.client_credentials import Brokers
from schemas.events.dead_letter import versioned
from schemas.topics import DEAD_LETTER_DECISIONS, PARKED, SETTLED, Topic
from streams.dead_letters import dead_letter
from streams.dead_letters.read_dead_letter import CollectedRecord, NotADeadLetter, read
from streams.dead_letters.retried_record import RetriedRecord
from streams.feeding.feed_read_model import Feeding
from streams.feeding.parked_positions import Message, Place, Places, places

#: Records that are applied at once.
PART: Final = 500
_DISCARDED: Final = b"dead_letter.discarded"
_FOR_EVER: Final = datetime.max.replace(tzinfo=UTC)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A record that waits unless something was said about it; `place` and `offset` are where it was parked last."""

    place: Place
    offset: int
    record: RetriedRecord
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """The dead letter is applied or given up, and what is parked after `until` waits again."""

    place: Place
    offset: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How many records of Kafka had to be read, how many of the feed waited, and how many are applied now."""

    read: int
    waited: int
    applied: int


def revive(bootstrap: Brokers, feeding: Feeding) -> Start:
    """Applies what the feed knows by now of what it parked. Doing it again changes nothing.

    Raises `Unavailable` when Kafka or the store is.
    """
    with places(bootstrap, feeding.model) as kept:
        words = (_settled(kept, feeding.model.id), _discarded(kept))
        parked = _parked(kept, feeding)
        waiting = {id_: one for id_, one in parked.items() if not _is_done(id_, one, words)}
        unknown, applied = _apply(feeding, waiting)
        # Not before: whoever is killed meanwhile reads all of it once more.
        kept.keep(_next(kept.ends, parked, words, unknown))
    if waiting:
        log.info("parked_revived", feed=feeding.model.name, parked=len(waiting), applied=applied)
    return Start(read=kept.read, waited=len(waiting), applied=applied)


Words = tuple[Mapping[UUID, Word], ...]


def _settled(kept: Places, feed: str) -> dict[UUID, Word]:
    return {
        told.id: Word(place=at.place, offset=at.offset, until=told.last_failed_at)
        for at, told in _told(kept, SETTLED, feed)
    }


def _discarded(kept: Places) -> dict[UUID, Word]:
    """Whoever lets it be tried again after all has the newer word."""
    decided = {message.key: message for message in kept.rest(DEAD_LETTER_DECISIONS)}
    return {
        UUID(key.decode()): Word(place=message.place, offset=message.offset, until=_FOR_EVER)
        for key, message in decided.items()
        if key is not None and dict(message.headers).get("ce_type") == _DISCARDED
    }


def _parked(kept: Places, feeding: Feeding) -> dict[UUID, Parked]:
    topics = {topic.name for topic in (*feeding.model.topics, DEAD_LETTER_DECISIONS)}
    return {
        told.id: Parked(place=at.place, offset=at.offset, record=told.record, at=told.last_failed_at)
        for at, told in _told(kept, PARKED, feeding.model.id)
        if told.record.topic in topics
    }


def _told(kept: Places, topic: Topic, feed: str) -> Iterator[tuple[Message, CollectedRecord]]:
    for message in kept.rest(topic):
        if _is_of(feed, message):
            try:
                yield message, read(topic.name, message.key, message.value, message.headers, message.timestamp)
            except NotADeadLetter:
                continue  # the collector says so


def _is_of(feed: str, message: Message) -> bool:
    told = next((value for name, value in message.headers if name == dead_letter.FEED), None)
    return told is not None and versioned(told.decode(errors="replace")) == feed


def _is_done(id_: UUID, one: Parked, words: Words) -> bool:
    return any(id_ in said and one.at <= said[id_].until for said in words)


def _apply(feeding: Feeding, waiting: Mapping[UUID, Parked]) -> tuple[set[UUID], int]:
    """Which of them are as unknown as before, and how many are applied."""
    all_, unknown, applied = list(waiting.items()), set[UUID](), 0
    for start in range(0, len(all_), PART):
        part = all_[start : start + PART]
        outcome = feeding.revive([one.record for _, one in part])
        still = {id(record) for record in outcome.unknown}
        unknown |= {id_ for id_, one in part if id(one.record) in still}
        applied += outcome.applied
    return unknown, applied


def _next(
    ends: Mapping[Place, int], parked: Mapping[UUID, Parked], words: Words, unknown: Iterable[UUID]
) -> dict[Place, int]:
    """Before the earliest record that still waits, and before what was said about any record from there on."""
    places = dict(ends)
    for id_ in unknown:
        one = parked[id_]
        places[one.place] = min(places[one.place], one.offset)
    read_again = {id_ for id_, one in parked.items() if one.offset >= places[one.place]}
    for said in words:
        for id_ in said.keys() & read_again:
            word = said[id_]
            places[word.place] = min(places[word.place], word.offset)
    return places
