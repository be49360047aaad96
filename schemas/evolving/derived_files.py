"""Writes the committed files that follow from the classes, as long as they may still be written.

Of every version there is a schema in `schemas/avsc` and a golden file in `tests/golden`. Both are written from the
classes as long as the version is not published, as often as needed, and never again afterwards. The topics are always
written down as they are declared.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from schemas import avro_schema
from schemas.event_history import History
from schemas.evolving import golden_files, topic_changes
from schemas.evolving.published_schemas import PublishedState
from schemas.evolving.violations import Violation, changed_in_place


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What was written (or would be), and what is published and therefore may not be."""

    written: tuple[Path, ...]
    refused: tuple[Violation, ...]


def refresh(
    base: PublishedState | None,
    *,
    only_look: bool = False,
    avsc: Path = avro_schema.FOLDER,
    golden: Path = golden_files.FOLDER,
    topics: Path = topic_changes.FILE,
) -> Refreshed:
    """Brings the files of what is not published up to date.

    Without `base` (no git here) every version that has a golden file counts as published.
    """
    written: list[Path] = []
    refused: list[Violation] = []
    for history, version in avro_schema.every_version():
        path = avsc / avro_schema.file_of(history, version).name
        kept = golden / golden_files.name_of(history, version)
        agreed = _agreed(base, path, kept)
        if agreed is not None and json.loads(agreed) != avro_schema.schema(history, version):
            refused.append(changed_in_place(history, version, json.loads(agreed)))
            continue
        wanted = {path: avro_schema.text(history, version)}
        if kept.name not in base.golden if base is not None else not kept.exists():
            wanted[kept] = golden_files.text(golden_files.made(history, version))
        written.extend(file for file, text in wanted.items() if not file.exists() or file.read_text() != text)
        if not only_look:
            _write(wanted)
        if base is not None and is_changed(base, kept):
            refused.append(golden_changed(base, kept))
        elif kept not in written:
            refused.extend(_unreadable(kept, history))
    written.extend(_topics(topics, only_look=only_look))
    for path, kept in _nobodys(avsc, golden):
        if kept.exists() if base is None else path.name in base.schemas:
            refused.append(version_removed(path.name.removesuffix(".avsc")))
            continue
        written.extend(file for file in (path, kept) if file.exists())
        if not only_look:
            path.unlink(missing_ok=True)
            kept.unlink(missing_ok=True)
    return Refreshed(tuple(written), tuple(refused))


def _topics(file: Path, *, only_look: bool) -> list[Path]:
    text = topic_changes.text()
    if file.exists() and file.read_text() == text:
        return []
    if not only_look:
        _write({file: text})
    return [file]


def _nobodys(avsc: Path, golden: Path) -> list[tuple[Path, Path]]:
    """The files that no version stands for any more."""
    expected = {avro_schema.file_of(history, version).stem for history, version in avro_schema.every_version()}
    found = {path.stem for path in avsc.glob("*.avsc")} | {path.stem for path in golden.glob("*.json")}
    return [(avsc / f"{stem}.avsc", golden / f"{stem}.json") for stem in sorted(found - expected)]


def version_removed(stem: str, name: str = "", *, is_declared: bool = False) -> Violation:
    """`name` is its class, where that is known; it may still be declared, and be in no History."""
    event_type, _, version = stem.rpartition(".v")
    cls = (name if is_declared else f"the class {name}") if name else "its class"
    return Violation(
        rule="version-removed",
        where=f"{event_type}@{version}",
        what=f"a published version has no class any more{f': {name} is not in its History' if name else ''}",
        why="events of this version are stored for ever, and nobody could read them",
        fix=f"put {cls} back in its place in HISTORIES of schemas/events/{event_type.partition('.')[0]}.py; "
        f"an event that no longer happens keeps its history. If it was published after this branch began, merge it in",
    )


def is_changed(base: PublishedState, kept: Path) -> bool:
    """A published golden file is not what it was."""
    was = base.golden.get(kept.name)
    return was is not None and (not kept.exists() or kept.read_bytes() != was.encode())


def golden_changed(base: PublishedState, kept: Path) -> Violation:
    return Violation(
        rule="golden-changed",
        where=f"tests/golden/{kept.name}",
        what="it is not what was published" if kept.exists() else "it is gone",
        why="these are bytes as they are stored; a test against other bytes proves nothing",
        fix=f"git checkout {base.commit} -- tests/golden/{kept.name}",
    )


def _agreed(base: PublishedState | None, path: Path, kept: Path) -> str | None:
    """The schema this version was published with, if it was."""
    if base is not None:
        return base.schemas.get(path.name)
    return path.read_text() if kept.exists() and path.exists() else None


def _write(wanted: dict[Path, str]) -> None:
    for file, text in wanted.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text() != text:
            file.write_text(text)


def _unreadable(kept: Path, history: History) -> list[Violation]:
    reason = _wrong(kept, history) if kept.exists() else ""
    if not reason:
        return []
    failing = re.findall(r"\w+\.from_previous", reason)
    told = Violation(
        rule="golden-unreadable",
        where=f"tests/golden/{kept.name}",
        what=reason,
        why="these are bytes as they are stored: what cannot read the file cannot read the log",
        fix=f"mend {failing[0] if failing else 'the class or the `from_previous` that fails'}, never the file",
    )
    return [told]


def _wrong(kept: Path, history: History) -> str:
    try:
        return golden_files.wrong(golden_files.parsed(kept.read_text()), history)
    except golden_files.NotGolden as other:
        return str(other)
