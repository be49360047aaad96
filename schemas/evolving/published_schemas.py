"""Reads from git, without a server, what is published: what the branch that everybody builds on holds.

An event's version counts as published when its `.avsc` is in that commit. Nothing is checked out: git is asked for the
names, and then for all contents in one go.
"""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PREFIX: Final = "git:"
DEFAULT: Final = "git:main"
TOPICS: Final = "schemas/topics.json"

_AVSC: Final = "schemas/avsc/"
_GOLDEN: Final = "tests/golden/"
_EVENTS: Final = "schemas/events/"


class NoBase(Exception):
    """There is nothing in git to compare with; the message says why, and what would help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedState:
    """Texts by file name: `schemas`, `golden`, and `sources` of schemas/events; `topics` is that of topics.json.

    `note` is for people.
    """

    name: str
    commit: str
    note: str
    schemas: Mapping[str, str]
    golden: Mapping[str, str]
    sources: Mapping[str, str]
    topics: str

    @property
    def count(self) -> int:
        """How many versions, of all events."""
        return len(self.schemas)

    def versions(self) -> dict[str, tuple[int, ...]]:
        """Event type → the versions that are published, in order."""
        found: dict[str, list[int]] = {}
        for name in self.schemas:
            event_type, _, version = name.removesuffix(".avsc").rpartition(".v")
            found.setdefault(event_type, []).append(int(version))
        return {event_type: tuple(sorted(versions)) for event_type, versions in found.items()}


def published(against: str | None = None, *, look_back: bool = False, root: Path = ROOT) -> PublishedState:
    """What `against` (`git:REF`) holds. Raises `NoBase`.

    Without a wish it is `main`, or `origin/main` where a clone has no branch of that name, or what is checked out.
    To `look_back` means: where that itself is checked out and nothing is changed, take the commit before, so that a
    build of `main` checks what came last.
    """
    if against is not None:
        reference = against.removeprefix(PREFIX)
        here, remote = _commits([reference, f"origin/{reference}"], root)
        if not here and not remote:
            raise NoBase(f"There is no {reference} in this clone; `git branch --all` shows what there is.")
        return _read(f"{PREFIX}{reference}" if here else f"{PREFIX}origin/{reference}", here or remote, "", root)
    main, remote, head, before = _commits(["main", "origin/main", "HEAD", "HEAD~1"], root)
    if not head:
        raise NoBase("Nothing is committed here yet.")
    base, name = (main, DEFAULT) if main else (remote, "git:origin/main") if remote else (head, "git:HEAD")
    note = "" if main or remote else "There is no main in this clone; `git fetch origin main:main` brings it."
    if look_back and base == head and not _is_touched(root):
        if before:
            note = f"Nothing is changed since {name}, so this is about what came with its last commit."
            return _read("git:HEAD~1", before, note, root)
        note = f"{note} This clone has one commit only: what is checked out is compared with itself.".strip()
    return _read(name, base, note, root)


def _is_touched(root: Path) -> bool:
    return bool(_git(["status", "--porcelain", "--", "schemas", "tests/golden"], root).strip())


def _commits(references: Sequence[str], root: Path) -> list[str]:
    """The commit each one means; empty where it means none."""
    asked = "".join(f"{reference}^{{commit}}\n" for reference in references)
    answers = _git(["cat-file", "--batch-check"], root, asked.encode()).decode().splitlines()
    return [answer.split()[0] if answer.split()[1:2] == ["commit"] else "" for answer in answers]


def _read(name: str, commit: str, note: str, root: Path) -> PublishedState:
    listed = _git(["ls-tree", "-r", "-z", commit, "--", _AVSC, _GOLDEN, _EVENTS, TOPICS], root).decode()
    entries = [line.split("\t", 1) for line in listed.split("\0") if line]
    blobs = [meta.split()[2] for meta, _ in entries]
    contents = dict(zip((path for _, path in entries), _contents(blobs, root), strict=True))
    return PublishedState(
        name=name,
        commit=commit[:12],
        note=note,
        schemas=_under(_AVSC, ".avsc", contents),
        golden=_under(_GOLDEN, ".json", contents),
        sources=_under(_EVENTS, ".py", contents),
        topics=contents.get(TOPICS, ""),
    )


def _under(folder: str, suffix: str, contents: Mapping[str, str]) -> dict[str, str]:
    return {
        path.removeprefix(folder): text
        for path, text in contents.items()
        if path.startswith(folder) and path.endswith(suffix)
    }


def _contents(blobs: Sequence[str], root: Path) -> list[str]:
    answer = _git(["cat-file", "--batch"], root, "".join(f"{blob}\n" for blob in blobs).encode())
    found = []
    while answer:
        header, _, rest = answer.partition(b"\n")
        size = int(header.split()[2])
        found.append(rest[:size].decode())
        answer = rest[size + 1 :]
    return found


def _git(arguments: Sequence[str], root: Path, said: bytes = b"") -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, input=said, capture_output=True, check=False)
    except FileNotFoundError as missing:
        raise NoBase("git is not installed, so what is published cannot be known.") from missing
    if done.returncode != 0:
        raise NoBase(f"git cannot tell what is published: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
