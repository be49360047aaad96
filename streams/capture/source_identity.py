"""Compares what capture reads from, and writes to, with what it was before, by two memories, one on either side.

PostgreSQL remembers in a row what was there, Kafka in a note how far capture had come and in which history. Either can
be put back to an older copy, so neither is believed alone: what one remembers and the other does not is a gap.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from schemas.gaps import Kind
from streams.capture.pgoutput import lsn_text


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicState:
    """`starts` and `ends`: the first offset and the one behind the last, for each partition."""

    id: str
    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    def as_record(self) -> dict[str, Any]:
        return {"id": self.id, "starts": self.starts, "ends": self.ends}


def topic_state(record: Mapping[str, Any]) -> TopicState:
    return TopicState(id=record["id"], starts=tuple(record["starts"]), ends=tuple(record["ends"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceIdentity:
    """`publication` changes whenever anybody changes the publication or makes it anew."""

    slot: str
    system: str
    timeline: int
    publication: str
    topics: Mapping[str, TopicState]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What PostgreSQL remembers. `token` names one history of the database, `beat` counts on in it."""

    token: UUID
    beat: int
    source: SourceIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What Kafka remembers: all before `lsn` was sent; `event` is the id of the last row that was read, or empty."""

    token: UUID
    beat: int
    slot: str
    system: str
    timeline: int
    lsn: int
    event: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """`log_end`: how far the server's log is. `confirmed`: where the slot reads on. `forks`: where a timeline was left
    on the way to the present one. `has_event`: whether the note's event is in the outbox; None: it cannot be known.
    """

    source: SourceIdentity
    log_end: int
    confirmed: int
    forks: Mapping[int, int]
    has_event: bool | None

    def with_topics(self, topics: Mapping[str, TopicState]) -> "Now":
        return replace(self, source=replace(self.source, topics=topics))


@dataclass(frozen=True, slots=True)
class Opening:
    """A gap to be opened. No `topics`: all of them."""

    kind: Kind
    detail: str
    topics: tuple[str, ...] = ()


def openings(recorded: Recorded | None, note: Note | None, now: Now) -> list[Opening]:
    """What is not as before; nothing the first time, when neither side remembers anything."""
    found: list[Opening] = []
    database = _database(recorded, note, now)
    if database:
        found.append(Opening("database", database))
    elif slot := _slot(recorded, note, now):
        found.append(Opening("slot", slot))
    if recorded is None:
        return found
    if not database and recorded.source.publication != now.source.publication:
        found.append(
            Opening("publication", "the publication was made anew or changed; inserts may not have been in it")
        )
    if note is None and recorded.beat > 1:
        found.append(Opening("topic", "Kafka does not remember what was sent; its topics may be others"))
    found.extend(_topics(recorded.source.topics, now.source.topics))
    return found


def _database(recorded: Recorded | None, note: Note | None, now: Now) -> str:
    """Why it is another one, or not as far as it was."""
    if recorded is not None and recorded.source.system != now.source.system:
        return f"the server was {recorded.source.system} and is {now.source.system}"
    if note is None:
        return ""
    if recorded is None:
        return "Kafka holds events of a database, and this one remembers no capture"
    if note.system != now.source.system:
        return f"Kafka holds events of the server {note.system}, and this is {now.source.system}"
    if note.token != recorded.token:
        return "Kafka holds events of another history of this database"
    return _older(recorded, note, now)


def _older(recorded: Recorded, note: Note, now: Now) -> str:
    """A standby that took over with all that was sent is not older, whatever it counts."""
    if now.source.timeline != note.timeline:
        if why := _left_too_early(note, now):
            return why
    elif recorded.beat < note.beat:
        return f"it is a copy of before: it counts {recorded.beat}, and Kafka heard {note.beat}"
    if now.log_end < note.lsn:
        return f"its log ends at {lsn_text(now.log_end)}, and events up to {lsn_text(note.lsn)} were sent"
    if now.has_event is False:
        return f"event {note.event} was sent, and it is not in the outbox"
    return ""


def _left_too_early(note: Note, now: Now) -> str:
    if now.source.timeline < note.timeline:
        return f"events of timeline {note.timeline} were sent, and the server is on {now.source.timeline}"
    fork = now.forks.get(note.timeline)
    if fork is None or fork < note.lsn:
        at = "nobody knows where" if fork is None else f"at {lsn_text(fork)}"
        return f"timeline {note.timeline} was left {at}, and events up to {lsn_text(note.lsn)} were sent"
    return ""


def _slot(recorded: Recorded | None, note: Note | None, now: Now) -> str:
    if recorded is not None and recorded.source.slot != now.source.slot:
        return f"slot {recorded.source.slot} was read before, and this is {now.source.slot}"
    if note is not None and now.confirmed > note.lsn:
        return (
            f"slot {now.source.slot} was moved or made anew by somebody else: "
            f"it reads on at {lsn_text(now.confirmed)}, and events up to {lsn_text(note.lsn)} were sent"
        )
    return ""


def _topics(before: Mapping[str, TopicState], now: Mapping[str, TopicState]) -> Iterator[Opening]:
    for name, was in before.items():
        if name in now and (why := differs(was, now[name])):
            yield Opening("topic", f"{name} {why}", (name,))


def differs(was: TopicState, now: TopicState) -> str:
    """Why a topic does not hold all it held; nothing when it does."""
    if was.id != now.id:
        return "was made anew"
    if any(later > earlier for earlier, later in zip(was.starts, now.starts, strict=False)):
        return "has lost records at its beginning"
    if any(later < earlier for earlier, later in zip(was.ends, now.ends, strict=False)):
        return "has lost records at its end"
    return ""
