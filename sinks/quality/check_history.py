"""Keeps what checks found: the newest of each model whole, and of those before it what did not pass.

In the folder `quality` of the analytics folder: `<model>.json`, and `<model>.history.jsonl`, the newest last.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sinks.duckdb.snapshots import replace_text
from sinks.quality.check_results import CheckResult
from sinks.quality.quality_folder import quality_folder

#: So many checks are kept.
MOST_KEPT: Final = 1000


def keep(analytics: Path, result: CheckResult) -> None:
    folder = quality_folder(analytics)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        before = history(analytics, result.model)[1 - MOST_KEPT :]
        lines = [*before, result.told(all_results=False)]
        replace_text(folder / f"{result.model}.history.jsonl", "".join(f"{json.dumps(one)}\n" for one in lines))
        replace_text(folder / f"{result.model}.json", json.dumps(result.told(), indent=2) + "\n")


def newest(analytics: Path, model: str) -> dict[str, Any] | None:
    """The document of the newest check; None before the first."""
    try:
        found: dict[str, Any] = json.loads((quality_folder(analytics) / f"{model}.json").read_text())
    except FileNotFoundError:
        return None
    return found


def history(analytics: Path, model: str) -> list[dict[str, Any]]:
    """Documents of checks, oldest first; of each only what did not pass."""
    try:
        text = (quality_folder(analytics) / f"{model}.history.jsonl").read_text()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text.splitlines()]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time adds to it."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
