"""Runs `rustok schemas diff`: what differs between two schemas, and for whom.

Three readers are told apart: a plain Avro consumer that still has the first schema, one that has the second already and
reads what was written with the first, and our own code, which lifts stored events by upcasts.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import click

from schemas import avro_schema
from schemas.event_history import History
from schemas.evolving import golden_files
from schemas.evolving.event_guess import no_event
from schemas.evolving.published_schemas import PREFIX, NoBase, published
from schemas.evolving.renamed_fields import alike, hints, told
from schemas.evolving.schema_comparison import SchemaChange, changes

WHOLE: Final = "(the event)"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. `version` is 0 for a schema that is no version of an event in this tree."""

    name: str
    schema: Any
    event_type: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class ReaderVerdict:
    """`is_fine` is None where there is nothing to say."""

    who: str
    is_fine: bool | None
    says: str


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def diff(first: str, second: str, as_json: bool) -> None:
    """Say what differs between A and B, and whom it breaks.

    Each is a version (`order.cancelled@1`), an event's newest version (`order.cancelled`), a version in git
    (`git:main:order.cancelled@2`), or an .avsc file.
    """
    old, new = side(first), side(second)
    found = changes(old.schema, new.schema)
    readers, maybe_renamed = verdicts(old, new, found), _hints(old, new, found)
    if as_json:
        whole = {"from": old.name, "to": new.name, "changes": [asdict(change) for change in found]}
        readers_told = [asdict(reader) for reader in readers]
        click.echo(json.dumps({**whole, "readers": readers_told, "hints": maybe_renamed}, indent=2))
        return
    click.echo(f"{old.name} → {new.name}" + ("" if found else ": no difference"))
    for change in found:
        click.echo(f"  {change.path or WHOLE:<28} {change.what:<36} {_breaks(change)}".rstrip())
    for reader in readers if found else ():
        sign = {True: "✓", False: "✗", None: "–"}[reader.is_fine]
        click.echo(f"{sign} {reader.who:<30} {reader.says}")
    for says in maybe_renamed:
        click.echo(f"? {says}")


def side(text: str) -> Side:
    """Reads what the shell was given. Raises click's `BadParameter` with a reason."""
    if text.endswith(".avsc"):
        path = Path(text)
        if not path.is_file():
            raise click.BadParameter(f"there is no file {text}")
        try:
            return Side(text, json.loads(path.read_text()))
        except (ValueError, OSError) as wrong:
            raise click.BadParameter(f"{text} is no Avro schema in JSON: {wrong}") from wrong
    if text.startswith(PREFIX):
        return _in_git(text)
    from schemas.event_catalogue import BY_TYPE

    event_type, version = _split(text)
    history = BY_TYPE.get(event_type)
    if history is None:
        raise click.BadParameter(no_event(event_type, BY_TYPE))
    version = version or history.newest_version
    if version > history.newest_version:
        raise click.BadParameter(f"{event_type} has the versions 1 to {history.newest_version}")
    return Side(f"{event_type}@{version}", avro_schema.schema(history, version), event_type, version)


def verdicts(old: Side, new: Side, found: Iterable[SchemaChange]) -> tuple[ReaderVerdict, ...]:
    breaks_old = [change.path or WHOLE for change in found if change.breaks_old_readers]
    breaks_new = [change.path or WHOLE for change in found if change.breaks_new_readers]
    return (
        ReaderVerdict(
            "readers with the old schema",
            not breaks_old,
            f"cannot read new events: {', '.join(breaks_old)}" if breaks_old else "read new events as before",
        ),
        ReaderVerdict(
            "readers with the new schema",
            not breaks_new,
            f"cannot read old bytes without an upcast: {', '.join(breaks_new)}"
            if breaks_new
            else "read old bytes, too",
        ),
        _stored(old, new),
    )


def _hints(old: Side, new: Side, found: Iterable[SchemaChange]) -> list[str]:
    from schemas.event_catalogue import BY_TYPE

    history = BY_TYPE.get(new.event_type)
    if history is None or old.event_type != new.event_type or not _are_here(history, old, new):
        return [told(pair) for pair in alike(found)]
    return hints(history, old.version, new.version)


def _are_here(history: History, old: Side, new: Side) -> bool:
    """Both are versions of this tree, the second is not the older one, and neither was another in git."""
    return 0 < old.version <= new.version <= history.newest_version and all(
        each.schema == avro_schema.schema(history, each.version) for each in (old, new)
    )


def _stored(old: Side, new: Side) -> ReaderVerdict:
    from schemas.event_catalogue import BY_TYPE

    who = "stored events, by our upcasts"
    history = BY_TYPE.get(new.event_type)
    if history is None or new.event_type != old.event_type or not 0 < old.version <= new.version:
        return ReaderVerdict(who, None, "these are not an older and a newer version of one event in this tree")
    if new.version != history.newest_version:
        return ReaderVerdict(who, None, f"they are lifted to v{history.newest_version}, further than this")
    kept = golden_files.FOLDER / golden_files.name_of(history, old.version)
    if not kept.exists():
        return ReaderVerdict(who, None, f"v{old.version} has no golden file yet: `rustok schemas render`")
    try:
        return _lifted(who, history, golden_files.parsed(kept.read_text()))
    except golden_files.NotGolden as other:
        return ReaderVerdict(who, False, f"tests/golden/{kept.name}: {other}")


def _lifted(who: str, history: History, written: golden_files.Golden) -> ReaderVerdict:
    wrong = golden_files.wrong(written, history)
    steps = history.newest_version - written.version
    said = f"{len(written.examples)} golden events of v{written.version} are lifted in {steps} step{'s' * (steps != 1)}"
    return ReaderVerdict(who, not wrong, wrong or said)


def _in_git(text: str) -> Side:
    reference, _, name = text.removeprefix(PREFIX).partition(":")
    if not name:
        raise click.BadParameter(f"{text} names no event: write git:REF:order.cancelled@1")
    try:
        base = published(f"{PREFIX}{reference}")
    except NoBase as reason:
        raise click.BadParameter(str(reason)) from reason
    event_type, version = _split(name)
    known = base.versions().get(event_type, ())
    if not known or (version or known[-1]) not in known:
        raise click.BadParameter(f"{base.name} has no {name}")
    version = version or known[-1]
    return Side(
        f"{base.name}:{event_type}@{version}",
        json.loads(base.schemas[f"{event_type}.v{version}.avsc"]),
        event_type,
        version,
    )


def _split(text: str) -> tuple[str, int]:
    event_type, _, version = text.partition("@")
    if version and not (version.isdecimal() and int(version) > 0):
        raise click.BadParameter(f"{version} is no version; they count from 1")
    return event_type, int(version or 0)


def _breaks(change: SchemaChange) -> str:
    whom = [who for who, is_so in (("old", change.breaks_old_readers), ("new", change.breaks_new_readers)) if is_so]
    return f"breaks {' and '.join(whom)} readers" if whom else ""
