"""Has the newest snapshots checked now and then, in a process of its own, and counts what was found."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import structlog

from ops import metrics
from ops.scheduler.jobs import Job
from ops.settings import Settings
from sinks.duckdb import certified_snapshots, snapshots
from sinks.quality.expectation import OUTCOMES
from sinks.quality.quality_folder import docs_folder
from sinks.quality.suites import SUITES

_MOST_S: Final = 1800.0
#: What the command exits with when it could judge.
_JUDGED: Final = (0, 1)
#: DuckDB's bindings say much about themselves when a process ends.
_NOISE: Final = "nanobind:"
log = structlog.get_logger(__name__)


class NotChecked(Exception):
    """The process that was to check said something else, or nothing in time."""


def turn(settings: Settings) -> None:
    folders = {suite.model.name: _folder(settings, suite.model.name) for suite in SUITES}
    for model, folder in folders.items():
        if snapshots.current(folder) is not None:
            check(settings, model)
            certified = certified_snapshots.newest(folder)
            metrics.QUALITY_CERTIFIED.labels(model).set(0 if certified is None else certified.as_of.timestamp())


def check(settings: Settings, model: str) -> None:
    """`rustok sinks check MODEL`; what it found is counted and logged. Raises `NotChecked` when it could not judge."""
    (found,) = _checked(settings, model)
    for outcome in OUTCOMES:
        metrics.QUALITY_EXPECTATIONS.labels(model, outcome).set(found[outcome])
    if not found["is_sound"]:
        failed = [one["expectation"] for one in found["results"] if one["outcome"] == "failed"]
        log.warning(
            "snapshot_not_sound", model=model, snapshot=found["snapshot"], failed=len(failed), expectations=failed
        )


def _checked(settings: Settings, model: str) -> list[dict[str, Any]]:
    """It tells of it by an event, as the scheduler."""
    analytics = settings.analytics_dir
    options = ["--json", f"--docs={docs_folder(analytics)}"]
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", "sinks", "check", model, *options],
        env={
            **os.environ,
            "RUSTOK_ANALYTICS_DIR": str(analytics),
            "RUSTOK_POSTGRES_URL": settings.postgres_scheduler_url,
        },
        capture_output=True,
        text=True,
        timeout=_MOST_S,
        check=False,
    )
    if done.returncode not in _JUDGED or not done.stdout:
        said = done.stderr.partition(_NOISE)[0].strip()[-2000:]
        raise NotChecked(f"`rustok sinks check {model}` exited with {done.returncode}: {said}")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _folder(settings: Settings, model: str) -> Path:
    return snapshots.live_folder(settings.analytics_dir, model).resolve()


JOB: Final = Job("quality", lambda settings: settings.quality_every_s, turn)
