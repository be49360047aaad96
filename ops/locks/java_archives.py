"""Makes the lock of jars anew: what the coordinates in `ops/local/jar_lock.py` resolve to, each with its SHA-256.

The coordinates themselves name exact versions, for a new Kafka or OpenSearch is a decision: which of them have a newer
release is only told.
"""

import re
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from jgo.parse import Coordinate

from ops.failure import Failure
from ops.local.downloads import checksum
from ops.local.jar_lock import COORDINATES, LOCK, Progress
from ops.local.maven_jars import LONGEST_REASON, PAUSES_S, Repository, maven_central
from ops.locks.renew_locks import Lock

HEADER = "# server|group|artifact|version|classifier sha256; written by `rustok dev lock`"
NOT_FINAL = re.compile(r"alpha|beta|rc|cr|-m\d|snapshot|preview", re.IGNORECASE)


def jars_lock(tell: Progress) -> Lock:
    return Lock(LOCK, lambda: resolved(LOCK.read_text(), tell), versions)


def resolved(old: str, tell: Progress, repository: Repository = maven_central) -> str:
    """The text of a new lock. Raises `Failure` when a file that was locked has become another under the same name."""
    known = dict(line.split() for line in old.splitlines() if line and not line.startswith("#"))
    lines = [HEADER]
    with tempfile.TemporaryDirectory() as cache:
        for server, coordinates in COORDINATES.items():
            rows: dict[tuple[str, str, str], str] = {}
            for artifact in _artifacts(repository(Path(cache)), coordinates):
                if "windows" in artifact.classifier:
                    continue
                same = (artifact.groupId, artifact.artifactId, artifact.classifier)
                if same not in rows:
                    name = "|".join((server, *same[:2], artifact.version, artifact.classifier))
                    rows[same] = f"{name} {_sha256(artifact, known.get(name), name)}"
                    tell(f"{server}: {len(rows)} jars")
            lines += sorted(rows.values())
    return "\n".join(lines) + "\n"


def newer(repository: Repository = maven_central) -> Iterator[str]:
    """A line for each coordinate that has a newer release."""
    with tempfile.TemporaryDirectory() as cache:
        context = repository(Path(cache))
        for coordinate in sorted({one for several in COORDINATES.values() for one in several}):
            group, artifact, version = coordinate.split(":")
            project = context.project(group, artifact)
            _again(project.update)
            final = [one.version for one in project.versions() if not NOT_FINAL.search(one.version)]
            newest = max(final, key=_order, default=version)
            if _order(newest) > _order(version):
                yield f"    {group}:{artifact} {version}; there is {newest}"


def versions(text: str) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            server, group, artifact, version, classifier = line.split()[0].split("|")
            name = f"{server}: {group}:{artifact}{f' ({classifier})' * bool(classifier)}"
            found.setdefault(name, []).append(version)
    return {name: ", ".join(several) for name, several in found.items()}


def _artifacts(context: Any, coordinates: tuple[str, ...]) -> Iterator[Any]:  # jgo has no types
    for coordinate in coordinates:  # each alone: together, one's managed versions would overrule the other's own
        wanted = [context.create_dependency(replace(Coordinate.parse(coordinate), scope="compile"))]
        inputs, behind = _again(partial(context.resolver.resolve, wanted))
        yield from (one.artifact for one in (*inputs, *(d for d in behind if d.scope in ("compile", "runtime"))))


def _sha256(artifact: Any, before: str | None, name: str) -> str:
    def fetch() -> Path:
        try:
            file: Path = artifact.resolve()
        except (OSError, RuntimeError, ValueError):
            artifact.cached_path.unlink(missing_ok=True)  # a part of it would be taken for the whole
            raise
        return file

    sha256 = checksum(_again(fetch))
    if before not in (None, sha256):
        raise Failure(
            f"{name} is another file than the one that was locked under this name.",
            "A release does not change: find out why before anything is started with it.",
        )
    return sha256


def _again(act: Callable[[], Any]) -> Any:
    """Asks a repository once more where it, or the network, was at fault."""
    for pause in PAUSES_S:
        try:
            return act()
        except (OSError, RuntimeError, ValueError):
            time.sleep(pause)
    try:
        return act()
    except (OSError, RuntimeError, ValueError) as error:
        raise Failure(
            f"Maven Central does not answer: {str(error)[:LONGEST_REASON]}", "Check the network, and run this again."
        ) from error


def _order(version: str) -> list[tuple[int, str]]:
    """Numbers by size; good enough for versions that are final."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"[.\-_]", version)]
