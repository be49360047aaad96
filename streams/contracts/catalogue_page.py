"""Writes the event catalogue as one page of Markdown: a table of all, then a section for each aggregate."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from schemas.outbox_row import HEADERS
from schemas.topics import ALL, Topic
from streams.contracts.event_facts import Aggregate, Event, FieldFacts, Value, VersionFacts

_INTRO: Final = """\
# Event catalogue

Every event there is: who answers for it, where it travels, what is in it, how it became so, and who reads it. Written
by `rustok schemas doc` from the code, and checked by a test; how to change an event is in [events](events.md)."""
_TYPES: Final = """\
Types are Avro's: `string (uuid)` and `long (timestamp-micros)` are read as a UUID and a time in UTC. Amounts that end
in `_minor` are whole numbers in the smallest unit of their currency (cents for EUR). Examples are as JSON tools show
them: UUIDs and times as texts, bytes in base64."""
_KEPT: Final = {True: "the newest of each key is kept", False: "kept for its time"}


def page(aggregates: Sequence[Aggregate]) -> str:
    return "\n\n".join([_INTRO, *_overview(aggregates), _topics(), _TYPES, _headers(), *_sections(aggregates)]) + "\n"


def _overview(aggregates: Sequence[Aggregate]) -> Iterator[str]:
    rows = [
        (
            f"[`{event.type}`](#{_anchor(event.type)})",
            f"v{len(event.versions)}",
            f"`{aggregate.topic.name}`",
            aggregate.owner,
            _first(event.promise),
        )
        for aggregate in aggregates
        for event in aggregate.events
    ]
    yield _table(("Event", "Version", "Topic", "Owner", "What it says"), rows)


def _topics() -> str:
    rows = [(f"`{topic.name}`", str(topic.partitions), _kept(topic), topic.holds) for topic in ALL]
    return f"## Topics\n\n{_table(('Topic', 'Partitions', 'Kept', 'Holds'), rows)}"


def _kept(topic: Topic) -> str:
    if topic.compacted:
        return "newest of each key"
    return "for ever" if topic.retention_ms is None else f"{topic.retention_ms // 60_000} minutes"


def _headers() -> str:
    named = ", ".join(f"`{header}`" for header, _ in HEADERS)
    return (
        "Every record also carries the same headers, in this order: "
        f"`id`, {named}, `lsn`. [What they mean](events.md#the-headers-of-a-record) is told there."
    )


def _sections(aggregates: Sequence[Aggregate]) -> Iterator[str]:
    for aggregate in aggregates:
        yield f"## {_words(aggregate.name).capitalize()}"
        yield _facts(aggregate)
        for event in aggregate.events:
            yield from _event(event)
        for value in aggregate.values:
            yield from _value(value)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _facts(aggregate: Aggregate) -> str:
    topic = aggregate.topic
    parts = "1 partition" if topic.partitions == 1 else f"{topic.partitions} partitions"
    readers = "; ".join(aggregate.consumers) or "nobody yet"
    return "\n".join(
        [
            f"- Owner: {aggregate.owner}",
            f"- Topic: `{topic.name}`, {parts}, {_KEPT[topic.compacted]}",
            f"- Key: the id of the {_words(aggregate.name)}",
            f"- Read by: {readers}",
        ]
    )


def _event(event: Event) -> Iterator[str]:
    yield f"### {event.type}"
    yield event.promise
    yield _fields(event.fields)
    rows = [(_link(version), version.why, "; ".join(version.changed) or "—") for version in event.versions]
    if len(rows) > 1:
        yield _table(("Version", "Why", "What changed"), rows)
    else:
        yield f"One version so far, {rows[0][0]}."
    yield f"Made in {_listed(event.producers)}." if event.producers else "Nobody makes it yet."
    yield f"<details><summary>Example</summary>\n\n```json\n{event.example}\n```\n\n</details>"


def _value(value: Value) -> Iterator[str]:
    yield f"#### {value.name}"
    if value.promise:
        yield value.promise
    yield _fields(value.fields)


def _fields(fields: Iterable[FieldFacts]) -> str:
    return _table(("Field", "Type", "Meaning"), [(f"`{one.name}`", one.type, one.meaning) for one in fields])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _link(version: VersionFacts) -> str:
    return f"[v{version.number}](../{version.file})"


def _listed(files: Sequence[str]) -> str:
    return " and ".join(", ".join(f"`{file}`" for file in files).rsplit(", ", 1))


def _first(promise: str) -> str:
    return promise.split("\n\n")[0]


def _anchor(heading: str) -> str:
    return heading.replace(".", "").replace(" ", "-")
