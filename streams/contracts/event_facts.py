"""Gathers what is to be known of an event before it is read or changed, from the code that writes and reads it."""

import ast
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

from ops.home import project_root
from schemas import aggregate, avro_schema
from schemas.aggregates import AGGREGATES
from schemas.event_catalogue import HISTORIES
from schemas.event_history import History
from schemas.event_json import to_json
from schemas.evolving import golden_files
from schemas.evolving.event_examples import examples
from schemas.evolving.schema_comparison import changes, described
from schemas.field_meanings import meaning
from schemas.topics import DEAD_LETTER_DECISIONS, Topic, topic_of
from sinks.read_models import READ_MODELS

#: Makes the event after which an aggregate is gone, whatever it is, from its row.
_TAKES_BACK: Final = "api/reemit/withdrawals.py"


@dataclass(frozen=True, slots=True)
class FieldFacts:
    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Value:
    """A class that is held inside events."""

    name: str
    promise: str
    fields: tuple[FieldFacts, ...]


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """`changed` is what is different from the version before, a sentence each; `file` is its schema."""

    number: int
    file: str
    why: str
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`example` is JSON text; `producers` are files."""

    type: str
    promise: str
    fields: tuple[FieldFacts, ...]
    versions: tuple[VersionFacts, ...]
    producers: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """`consumers` says in words who reads the topic."""

    name: str
    owner: str
    topic: Topic
    consumers: tuple[str, ...]
    events: tuple[Event, ...]
    values: tuple[Value, ...]


def aggregates() -> tuple[Aggregate, ...]:
    """In the order in which the events are declared."""
    made_in = _made_in(project_root())
    return tuple(_aggregate(row, made_in) for row in AGGREGATES)


def _aggregate(row: aggregate.Aggregate, made_in: dict[str, set[str]]) -> Aggregate:
    topic = topic_of(row)
    values = dict.fromkeys(held for history in row.histories for held in _held(history.newest))
    return Aggregate(
        name=row.name,
        owner=row.owner,
        topic=topic,
        consumers=tuple(_consumers(topic)),
        events=tuple(_event(history, made_in, row) for history in row.histories),
        values=tuple(Value(cls.__name__, promise_of(cls), _fields(cls)) for cls in values),
    )


def _event(history: History, made_in: dict[str, set[str]], row: aggregate.Aggregate) -> Event:
    makers = made_in.get(history.newest.__name__, set()) | ({_TAKES_BACK} if history.newest is row.gone else set())
    return Event(
        type=history.event_type,
        promise=_promise(history),
        fields=_fields(history.newest),
        versions=tuple(_version(history, number) for number in range(1, history.newest_version + 1)),
        producers=tuple(sorted(makers)),
        example=_example(history),
    )


def _promise(history: History) -> str:
    """What it tells is said by its first version; a later one says why it came, and what else is to be known."""
    first, newest = (promise_of(cls).split("\n\n") for cls in (history.versions[0], history.newest))
    return "\n\n".join(dict.fromkeys([first[0], *newest[1:]]))


def _version(history: History, number: int) -> VersionFacts:
    why = promise_of(history.versions[number - 1]).split("\n\n")[0].removeprefix(f"v{number}: ")
    file = avro_schema.file_of(history, number).relative_to(project_root()).as_posix()
    if number == 1:
        return VersionFacts(number, file, why, ())
    different = changes(avro_schema.schema(history, number - 1), avro_schema.schema(history, number))
    told = (f"`{change.path}` {change.what}" for change in different if change.path)
    return VersionFacts(number, file, why, tuple(dict.fromkeys(told)))


def promise_of(cls: type) -> str:
    """The class's docstring, its lines joined; nothing where there is none."""
    text = cls.__doc__ or ""
    if text.startswith(f"{cls.__name__}("):  # what a dataclass writes by itself
        return ""
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))


def _fields(cls: type) -> tuple[FieldFacts, ...]:
    schema = {each["name"]: each["type"] for each in _schema_of(cls)["fields"]}
    return tuple(FieldFacts(each.name, described(schema[each.name]), meaning(cls, each.name)) for each in fields(cls))


def _schema_of(cls: type) -> Any:
    """Of any class inside an event, as if it were one itself."""
    return avro_schema.schema(History(f"any.{cls.__name__}", (cls,)), 1)


def _held(cls: type) -> Iterator[type]:
    """The classes inside, each before what it holds itself."""
    for hint in get_type_hints(cls).values():
        for inner in _classes(hint):
            yield inner
            yield from _held(inner)


def _classes(hint: Any) -> Iterator[type]:
    if is_dataclass(hint) and isinstance(hint, type):
        yield hint
    for argument in get_args(hint):
        yield from _classes(argument)


def _consumers(topic: Topic) -> Iterator[str]:
    for model in READ_MODELS:
        if topic == DEAD_LETTER_DECISIONS:
            yield f"feed `{model.name}`, for its own dead letters"
        for projection in model.projections:
            if projection.topic == topic:
                yield f"feed `{model.name}` → `{model.id}`, {projection.collection}"


def _example(history: History) -> str:
    """The first of the golden ones; before there are any, a made one."""
    file = golden_files.FOLDER / golden_files.name_of(history, history.newest_version)
    if file.exists():
        record = golden_files.parsed(file.read_text()).examples[0].record
    else:
        record = to_json(examples(history, history.newest_version)[0])
    return json.dumps(record, indent=2, ensure_ascii=False)


def _made_in(root: Path) -> dict[str, set[str]]:
    """Class of an event → the files of the API that make such an event."""
    known = {history.newest.__name__ for history in HISTORIES}
    found: dict[str, set[str]] = {}
    for file in sorted((root / "api").rglob("*.py")):
        for name in _called(ast.parse(file.read_text())) & known:
            found.setdefault(name, set()).add(file.relative_to(root).as_posix())
    return found


def _called(tree: ast.AST) -> set[str]:
    calls: Sequence[ast.Call] = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {call.func.id for call in calls if isinstance(call.func, ast.Name)}
