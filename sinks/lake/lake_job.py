"""Has the newest snapshots mirrored into the lake, in a process of its own, and counts what was committed."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import structlog

from ops import metrics
from ops.scheduler.jobs import Job
from ops.settings import Settings

_MOST_S: Final = 3600.0
#: DuckDB's bindings say much about themselves when a process ends.
_NOISE: Final = "nanobind:"
log = structlog.get_logger(__name__)


class NotMirrored(Exception):
    """The process that was to mirror could not, or not all of it."""


def turn(settings: Settings) -> None:
    options = ["--certified"] if settings.lake_certified else []
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", "sinks", "lake", "--json", *options],
        env={
            **os.environ,
            "RUSTOK_ANALYTICS_DIR": str(settings.analytics_dir),
            "RUSTOK_LAKE_DIR": str(settings.lake_dir),
            "RUSTOK_LAKE_KEPT_MIN": str(settings.lake_kept_min),
            "RUSTOK_POSTGRES_URL": settings.postgres_scheduler_url,  # the role of the duty is enough
        },
        capture_output=True,
        text=True,
        timeout=_MOST_S,
        check=False,
    )
    for found in _told(done.stdout):
        _count(found)
    if done.returncode:
        said = done.stderr.partition(_NOISE)[0].strip()[-2000:]
        raise NotMirrored(f"`rustok sinks lake` exited with {done.returncode}: {said}")


def _told(stdout: str) -> Sequence[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(stdout) if stdout.strip() else []
    return found


def _count(found: dict[str, Any]) -> None:
    model = found["model"]
    if "error" in found:
        metrics.LAKE_FAILURES.labels(model).inc()
    if "error" in found or "waits" in found:
        return
    metrics.LAKE_COMMITS.labels(model).inc(found["commits"])
    as_of = found["as_of"]
    metrics.LAKE_AS_OF.labels(model).set(0 if as_of is None else datetime.fromisoformat(as_of).timestamp())


JOB: Final = Job("lake", lambda settings: settings.lake_every_s, turn)
