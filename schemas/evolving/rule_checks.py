"""Finds the places where the classes of an event break a rule: each function gives `(where, what)` for each place.

What cannot be mended any more is not asked of old versions: the rules about fields hold for the newest one.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Final, get_args, get_type_hints
from uuid import UUID

from schemas.aggregate import Aggregate
from schemas.avro_schema import NotRenderable, optional, schema
from schemas.event_history import History
from schemas.evolving.next_class import UNSAID

#: Ids that somebody else gives: texts, whatever they look like.
GIVEN_BY_OTHERS: Final = frozenset({"external_id", "payment_id"})
#: Events that say only which aggregate it was, and why.
WITHOUT_AGGREGATE: Final[Mapping[str, str]] = {
    "dead_letter.discarded": "the record is of no use to anybody any more, and may be large",
}
_PRIVATE: Final = re.compile(
    r"(^|_)(e?mail|phone|password|secret|token|address|birthday|first_name|last_name|iban)(_|$)"
)


def classes_in(hint: Any) -> Iterator[type]:
    """A class of events and every class inside it."""
    if is_dataclass(hint) and isinstance(hint, type):
        yield hint
        for inner in get_type_hints(hint).values():
            yield from classes_in(inner)
    for inner in get_args(hint):
        yield from classes_in(inner)


def stem(cls: type | str) -> str:
    """The name without its version: `Order` for `OrderV1`."""
    return re.sub(r"V\d+$", "", cls if isinstance(cls, str) else cls.__name__)


def _fields(history: History) -> Iterator[tuple[type, str, Any]]:
    """Class, name and type (without `| None`) of every field of the newest version."""
    for cls in classes_in(history.newest):
        for name, hint in get_type_hints(cls).items():
            yield cls, name, optional(hint) or hint


def _camel(name: str) -> str:
    return "".join(word.title() for word in re.split(r"[._]", name))


def frozen(history: History) -> Iterator[tuple[str, str]]:
    for version in history.versions:
        if not is_dataclass(version):
            yield version.__name__, "is not @dataclass(frozen=True, slots=True, kw_only=True)"
        for cls in classes_in(version):
            is_frozen = cls.__dataclass_params__.frozen  # type: ignore[attr-defined]  # every dataclass has it
            if not is_frozen or "__slots__" not in vars(cls) or not all(each.kw_only for each in fields(cls)):
                yield cls.__name__, "is not @dataclass(frozen=True, slots=True, kw_only=True)"


def class_names(event_type: str, versions: int) -> list[str]:
    """What the classes of an event with so many versions are called, in order."""
    own = _camel(event_type)
    return [*(f"{own}V{number}" for number in range(1, versions)), own]


def named(history: History) -> Iterator[tuple[str, str]]:
    wanted_names = class_names(history.event_type, history.newest_version)
    for number, (cls, wanted) in enumerate(zip(history.versions, wanted_names, strict=True), start=1):
        if cls.__name__ != wanted:
            yield f"{history.event_type}@{number}", f"its class is {cls.__name__}, not {wanted}"


def says_why(history: History) -> Iterator[tuple[str, str]]:
    for number, version in enumerate(history.versions, start=1):
        said = version.__doc__ or ""
        if not said or said.startswith(f"{version.__name__}("):
            yield version.__name__, "has no docstring"
        elif number > 1 and not said.startswith(f"v{number}: "):
            yield version.__name__, f"its docstring does not begin with `v{number}: `"
        for cls in classes_in(version):
            if UNSAID in (cls.__doc__ or ""):
                yield cls.__name__, f"its docstring still asks {UNSAID}"


def lifts(history: History) -> Iterator[tuple[str, str]]:
    for before, cls in zip(history.versions, history.versions[1:], strict=False):
        method = vars(cls).get("from_previous")
        if not isinstance(method, classmethod):
            yield cls.__name__, "has no classmethod from_previous"
            continue
        try:
            hints = get_type_hints(method.__func__)
        except NameError as unknown:
            yield cls.__name__, f"from_previous: {unknown}"
            continue
        if hints.pop("return", None) is not cls or list(hints.values()) != [before]:
            yield cls.__name__, f"from_previous does not make it from {before.__name__}"


def is_whole(history: History) -> Iterator[tuple[str, str]]:
    if history.event_type in WITHOUT_AGGREGATE:
        return
    hint = get_type_hints(history.newest).get(history.aggregate)
    wanted = _camel(history.aggregate)
    if getattr(hint, "__name__", "") != wanted:
        yield history.newest.__name__, f"has no field `{history.aggregate}: {wanted}`"


def is_in_its_union(history: History) -> Iterator[tuple[str, str]]:
    """Where a file has one: an aggregate of one event needs none."""
    name = f"{_camel(history.aggregate)}Event"
    union = vars(sys.modules[history.newest.__module__]).get(name)
    if union is not None and history.newest not in (get_args(union) or (union,)):
        yield history.newest.__name__, f"is not in {name}"


def one_file(history: History) -> Iterator[tuple[str, str]]:
    for cls in classes_in(history.newest):
        if cls.__module__ != history.newest.__module__:
            yield history.newest.__name__, f"holds {cls.__name__} of {cls.__module__}"


def renderable(history: History) -> Iterator[tuple[str, str]]:
    for number, version in enumerate(history.versions, start=1):
        try:
            schema(history, number)
        except NotRenderable as wrong:
            yield version.__name__, str(wrong)


def snake_case(history: History) -> Iterator[tuple[str, str]]:
    for cls, name, _ in _fields(history):
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
            yield f"{cls.__name__}.{name}", "is not in snake_case"


def money(history: History) -> Iterator[tuple[str, str]]:
    names = {name for _, name, _ in _fields(history)}
    for cls, name, hint in _fields(history):
        if name.endswith("_minor") and hint is not int:
            yield f"{cls.__name__}.{name}", "is money and no int"
        if name.endswith("_minor") and "currency" not in names:
            yield f"{cls.__name__}.{name}", "is money, and the event names no currency"


def times(history: History) -> Iterator[tuple[str, str]]:
    for cls, name, hint in _fields(history):
        if (hint is datetime) != name.endswith("_at"):
            yield (
                f"{cls.__name__}.{name}",
                "is a time without _at" if hint is datetime else "ends in _at and is no time",
            )


def ids(history: History) -> Iterator[tuple[str, str]]:
    for cls, name, hint in _fields(history):
        if (name == "id" or name.endswith("_id")) and name not in GIVEN_BY_OTHERS and hint is not UUID:
            yield f"{cls.__name__}.{name}", "is an id and no UUID"


def private(history: History) -> Iterator[tuple[str, str]]:
    for cls, name, _ in _fields(history):
        if _PRIVATE.search(name):
            yield f"{cls.__name__}.{name}", "sounds like something about a person, or a secret"


def has_topic(history: History) -> Iterator[tuple[str, str]]:
    if _row_of(history) is None:
        yield history.event_type, f"there is no aggregate {history.aggregate}, and no topic"


def has_owner(history: History) -> Iterator[tuple[str, str]]:
    row = _row_of(history)
    if row is None or not row.owner:
        yield history.event_type, f"nobody answers for {history.aggregate}"


def _row_of(history: History) -> Aggregate | None:
    from schemas.aggregates import BY_NAME  # here, so that rules can be told while a file of events is no Python

    return BY_NAME.get(history.aggregate)
