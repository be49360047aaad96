"""Checks whether merging this tree would break a consumer: its classes and files against what is published, without a
server.

The promise to plain Avro consumers is FORWARD_TRANSITIVE: whoever has any published schema of an event reads all later
versions of it. Stored events are read through upcasts, and the golden files prove it.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from schemas import avro_schema
from schemas.event_catalogue import HISTORIES
from schemas.event_history import History
from schemas.evolving import golden_files
from schemas.evolving.changed_upcasts import changed_upcasts
from schemas.evolving.class_lint import lint
from schemas.evolving.derived_files import golden_changed, is_changed, refresh
from schemas.evolving.explained_fields import unexplained
from schemas.evolving.lifted_examples import not_lifted
from schemas.evolving.misplaced_versions import Misplaced, misplaced
from schemas.evolving.published_schemas import PublishedState
from schemas.evolving.renamed_fields import hints
from schemas.evolving.schema_comparison import REWORDED, changes
from schemas.evolving.topic_changes import topic_changes
from schemas.evolving.violations import Hint, Verdict, Violation, changed_in_place, merged, told


def check(base: PublishedState | None) -> Verdict:
    """Without a base (no git here) only what is true of the tree alone can be checked."""
    published = base.count if base is not None else 0
    kept = lint()
    if any(violation.rule == "agreed-types" for violation in kept):
        return Verdict(tuple(merged(kept)), published)  # what has no Avro form cannot be compared with anything
    amiss = misplaced(base) if base is not None else Misplaced()
    in_place = [history for history in HISTORIES if history.event_type not in amiss.events]
    found = [*amiss.violations, *(_against(base, in_place) if base is not None else ())]
    found += _files(base, {violation.where for violation in found}, amiss)
    found += lint(in_place)
    found += unexplained(in_place)
    told = {_version_of(violation.where) for violation in found}
    found += [violation for violation in not_lifted(in_place) if violation.where not in told]
    if base is None:
        return Verdict(tuple(merged(found)), published)
    return Verdict(
        tuple(merged(found)), published, _new(base, in_place), (*_hints(base, in_place), *changed_upcasts(base))
    )


def _new(base: PublishedState, histories: Iterable[History]) -> tuple[str, ...]:
    known = base.versions()
    return tuple(
        f"{history.event_type}@{version}"
        for history in histories
        for version in range(1, history.newest_version + 1)
        if version not in known.get(history.event_type, ())
    )


def _hints(base: PublishedState, histories: Iterable[History]) -> tuple[Hint, ...]:
    places: dict[str, list[str]] = {}
    for history in histories:
        last = base.versions().get(history.event_type, (0,))[-1]
        for says in hints(history, last, history.newest_version) if 0 < last < history.newest_version else ():
            places.setdefault(says, []).append(f"{history.event_type}@{history.newest_version}")
    return tuple(Hint(", ".join(where), says) for says, where in places.items())


def _against(base: PublishedState, histories: Sequence[History]) -> Iterator[Violation]:
    for history in sorted(histories, key=lambda each: each.event_type):
        for version in base.versions().get(history.event_type, ()):
            was = _schema(base, history.event_type, version)
            if was != avro_schema.schema(history, version):
                yield changed_in_place(history, version, was)
    for history in histories:
        yield from _new_versions(base, history)
    for history in histories:
        yield from _golden(base, history)
    yield from topic_changes(base)


def _new_versions(base: PublishedState, history: History) -> Iterator[Violation]:
    event_type = history.event_type
    known = base.versions().get(event_type, ())
    last = known[-1] if known else 0
    newest = history.newest_version
    where = f"{event_type}@{newest}"
    if newest > last + 1 and base.schemas:
        yield Violation(
            rule="several-versions",
            where=where,
            what=f"{newest - last} versions are new at once, and {base.name} has {f'v{last}' if last else 'none'}",
            why="nobody ever writes the ones between, and every reader would carry them for ever",
            fix=f"fold them into one: v{last + 1} with all that changes, and one from_previous",
        )
    if newest <= last or not known:
        return
    today = avro_schema.schema(history, newest)
    if all(change.what == REWORDED for change in changes(_schema(base, event_type, last), today)):
        yield Violation(
            rule="nothing-new",
            where=where,
            what=f"it has the same fields as v{last}",
            why="a version that changes nothing costs every consumer an upgrade",
            fix="make the change in its class, or in one inside it, or take the version back",
        )
    for version in known:
        broken = [each for each in changes(_schema(base, event_type, version), today) if each.breaks_old_readers]
        if broken:
            yield Violation(
                rule="not-forward",
                where=where,
                what=told(broken),
                why=f"a consumer that has the schema of v{version} cannot read what is written from now on",
                fix="keep what was there, as it was, and add beside it; if the meaning changed, make it a new event",
            )


def _golden(base: PublishedState, history: History) -> Iterator[Violation]:
    for version in range(1, history.newest_version + 1):
        kept = golden_files.FOLDER / golden_files.name_of(history, version)
        if is_changed(base, kept):
            yield golden_changed(base, kept)


def _files(base: PublishedState | None, reported: set[str], amiss: Misplaced) -> Iterator[Violation]:
    """Files that do not follow from the classes; what is reported already is the cause of more."""
    looked = refresh(base, only_look=True)
    for violation in looked.refused:
        version = _version_of(violation.where)
        if not {version, violation.where} & reported and version.partition("@")[0] not in amiss.events:
            yield violation
    for path in looked.written:
        if f"tests/golden/{path.name}" not in reported and path.name.rpartition(".v")[0] not in amiss.events:
            yield _stale(path)


def _stale(path: Path) -> Violation:
    return Violation(
        rule="stale-file",
        where=f"{path.parent.relative_to(avro_schema.FOLDER.parents[1])}/{path.name}",
        what="it is not what the classes say" if path.exists() else "it is missing",
        why="the committed files are what is registered, reviewed and tested",
        fix="rustok schemas render",
    )


def _schema(base: PublishedState, event_type: str, version: int) -> dict[str, object]:
    found: dict[str, object] = json.loads(base.schemas[f"{event_type}.v{version}.avsc"])
    return found


def _version_of(where: str) -> str:
    """`order.placed@1` for its golden file."""
    return where.removeprefix("tests/golden/").removesuffix(".json").replace(".v", "@")
