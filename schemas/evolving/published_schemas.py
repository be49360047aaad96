"""Reads from git, without a server, what is published: what the branch that everybody builds on holds.

An event's version counts as published when its `.avsc` is in that commit. Nothing is checked out: git is asked for the
names, and then for all contents in one go.
"""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from schemas.evolving.violations import Hint

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

    `note` is for people. `is_itself`: it is what is checked out, for this clone has nothing else.
    """

    name: str
    commit: str
    note: str
    schemas: Mapping[str, str]
    golden: Mapping[str, str]
    sources: Mapping[str, str]
    topics: str
    is_itself: bool = False

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


def published(against: str | None = None, *, root: Path = ROOT) -> PublishedState:
    """What `against` (`git:REF`) holds. Raises `NoBase`.

    Without a wish it is `main`, or `origin/main` where a clone has no branch of that name, or what is checked out.
    """
    return _all(against, root, look_back=False)[0]


def compared_with(against: str | None = None, *, root: Path = ROOT) -> tuple[PublishedState, ...]:
    """What a change has to be good for: as `published`, and both `main` and `origin/main` where they differ: what one
    of them lost, or has not yet, the other knows.

    Where that itself is checked out and nothing is changed, it is the commit before, so that a build of `main` checks
    what came last. Raises `NoBase`.
    """
    return _all(against, root, look_back=True)


def _all(against: str | None, root: Path, *, look_back: bool) -> tuple[PublishedState, ...]:
    if against is not None:
        reference = against.removeprefix(PREFIX)
        here, remote = _commits([reference, f"origin/{reference}"], root) if reference else ("", "")
        if not here and not remote:
            raise NoBase(
                f"There is no {reference or 'name behind git:'} in this clone; `git branch --all` shows what there is."
            )
        return (_read(f"{PREFIX}{reference}" if here else f"{PREFIX}origin/{reference}", here or remote, "", root),)
    main, remote, head, before = _commits(["main", "origin/main", "HEAD", "HEAD~1"], root)
    if not head:
        raise NoBase("Nothing is committed here yet.")
    named = [(name, commit) for name, commit in ((DEFAULT, main), ("git:origin/main", remote)) if commit]
    known = list({commit: (name, commit) for name, commit in reversed(named)}.values())[::-1] or [("git:HEAD", head)]
    note = "" if named else "There is no main in this clone; `git fetch origin main:main` brings it."
    if not look_back:
        return (_read(*known[0], note, root),)
    is_touched = _is_touched(root)
    others = [one for one in known if is_touched or one[1] != head]
    if others:
        return tuple(_read(name, commit, note, root) for name, commit in others)
    name, commit = known[0]
    if before:
        note = f"Nothing is changed since {name}, so this is about what came with its last commit."
        return (_read("git:HEAD~1", before, note, root),)
    if not _is_shallow(root):
        return (_read(name, commit, note, root),)
    note = f"{note} This clone has one commit only: what is checked out is compared with itself.".strip()
    return (replace(_read(name, commit, note, root), is_itself=True),)


def _is_shallow(root: Path) -> bool:
    return _git(["rev-parse", "--is-shallow-repository"], root).strip() == b"true"


def _is_touched(root: Path) -> bool:
    return bool(_git(["status", "--porcelain", "--", "schemas", "tests/golden"], root).strip())


def not_added(root: Path = ROOT) -> tuple[Hint, ...]:
    """Of files that a commit of all that git knows would leave behind."""
    try:
        listed = _git(
            ["ls-files", "--others", "--exclude-standard", "-z", "--", _AVSC, _GOLDEN, _EVENTS], root
        ).decode()
    except NoBase:
        return ()
    files = sorted(name for name in listed.split("\0") if name)
    if not files:
        return ()
    return (Hint(", ".join(files), f"git does not know {'it' if len(files) == 1 else 'them'} yet: `git add`"),)


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
