"""Does anybody break if this is merged? Today's classes and files against what is published. No server is asked.

The promise to plain Avro consumers is FORWARD_TRANSITIVE: whoever has any published schema of an event reads all later
versions of it. Stored events are read through upcasts, and the golden files prove it.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from schemas import golden, rendering
from schemas.catalogue import BY_TYPE
from schemas.comparing import REWORDED, changes
from schemas.explained import unexplained
from schemas.linting import lint
from schemas.published import Published
from schemas.refreshing import golden_changed, is_changed, refresh, version_removed
from schemas.topic_changes import topic_changes
from schemas.violations import Verdict, Violation, changed_in_place, merged, told


def check(base: Published | None) -> Verdict:
    """Without a base (no git here) only what is true of the tree alone can be checked."""
    published = base.count if base is not None else 0
    kept = lint()
    if any(violation.rule == "agreed-types" for violation in kept):
        return Verdict(tuple(merged(kept)), published)  # what has no Avro form cannot be compared with anything
    found = list(_against(base)) if base is not None else []
    found += _files(base, reported={violation.where for violation in found})
    found += kept
    found += unexplained()
    return Verdict(tuple(merged(found)), published, _new(base) if base is not None else ())


def _new(base: Published) -> tuple[str, ...]:
    known = base.versions()
    return tuple(
        f"{history.event_type}@{version}"
        for history, version in rendering.every_version()
        if version not in known.get(history.event_type, ())
    )


def _against(base: Published) -> Iterator[Violation]:
    for event_type, versions in base.versions().items():
        yield from _published_event(base, event_type, versions)
    for history in BY_TYPE.values():
        yield from _new_versions(base, history.event_type)
    yield from _golden(base)
    yield from topic_changes(base)


def _published_event(base: Published, event_type: str, versions: Iterable[int]) -> Iterator[Violation]:
    history = BY_TYPE.get(event_type)
    if history is None:
        yield _event_removed(base, event_type)
        return
    for version in versions:
        was = _schema(base, event_type, version)
        if version > history.newest_version:
            yield version_removed(f"{event_type}.v{version}")
        elif was != rendering.schema(history, version):
            yield changed_in_place(history, version, was)


def _new_versions(base: Published, event_type: str) -> Iterator[Violation]:
    history = BY_TYPE[event_type]
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
    today = rendering.schema(history, newest)
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


def _golden(base: Published) -> Iterator[Violation]:
    for name in base.golden:
        if is_changed(base, golden.FOLDER / name):
            yield golden_changed(base, golden.FOLDER / name)


def _files(base: Published | None, reported: set[str]) -> Iterator[Violation]:
    """Files that do not follow from the classes; what is reported already is the cause of more."""
    looked = refresh(base, only_look=True)
    for violation in looked.refused:
        if _version_of(violation.where) not in reported and violation.where not in reported:
            yield violation
    for path in looked.written:
        if f"tests/golden/{path.name}" not in reported:
            yield _stale(path)


def _stale(path: Path) -> Violation:
    return Violation(
        rule="stale-file",
        where=f"{path.parent.relative_to(rendering.FOLDER.parents[1])}/{path.name}",
        what="it is not what the classes say" if path.exists() else "it is missing",
        why="the committed files are what is registered, reviewed and tested",
        fix="rustok schemas render",
    )


def _event_removed(base: Published, event_type: str) -> Violation:
    fields = _schema(base, event_type, base.versions()[event_type][0])["fields"]
    alike = [
        history.event_type
        for history in BY_TYPE.values()
        if history.event_type not in base.versions() and rendering.schema(history, 1)["fields"] == fields
    ]
    what = f"it is gone; {alike[0]} looks like it under another name" if alike else "it is gone"
    return Violation(
        rule="event-removed",
        where=event_type,
        what=what,
        why="its events are stored for ever, and consumers know them by this name",
        fix=f"put its History back in schemas/events/{event_type.partition('.')[0]}.py; an event that happens no "
        "more is just not written, and a better name is a new event beside it. If it was published after this branch "
        "began, merge it in",
    )


def _schema(base: Published, event_type: str, version: int) -> dict[str, object]:
    found: dict[str, object] = json.loads(base.schemas[f"{event_type}.v{version}.avsc"])
    return found


def _version_of(where: str) -> str:
    """`order.placed@1` for its golden file."""
    return where.removeprefix("tests/golden/").removesuffix(".json").replace(".v", "@")
