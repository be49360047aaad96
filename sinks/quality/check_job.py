"""Has the newest snapshots checked now and then, in a process of its own, and counts what was found."""

from pathlib import Path
from typing import Any, Final

import structlog

from ops import metrics
from ops.scheduler import own_commands
from ops.scheduler.jobs import Job
from ops.settings import Settings
from sinks.duckdb import certified_snapshots, snapshots
from sinks.quality.expectation import OUTCOMES
from sinks.quality.quality_folder import docs_folder
from sinks.quality.suites import SUITES

#: What the command exits with when it could judge.
_JUDGED: Final = (0, 1)
log = structlog.get_logger(__name__)


def turn(settings: Settings) -> None:
    folders = {suite.model.name: _folder(settings, suite.model.name) for suite in SUITES}
    for model, folder in folders.items():
        if snapshots.current(folder) is not None:
            check(settings, model)
            certified = certified_snapshots.newest(folder)
            metrics.QUALITY_CERTIFIED.labels(model).set(0 if certified is None else certified.as_of.timestamp())


def check(settings: Settings, model: str) -> None:
    """`rustok sinks check MODEL`, counted and logged. Raises `CommandFailed` when it could not judge."""
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
    said = {"analytics_dir": analytics, "postgres_url": settings.postgres_scheduler_url}
    ended = own_commands.run("sinks", "check", model, "--json", f"--docs={docs_folder(analytics)}", settings=said)
    found: list[dict[str, Any]] = ended.expect(_JUDGED)
    return found


def _folder(settings: Settings, model: str) -> Path:
    return snapshots.live_folder(settings.analytics_dir, model).resolve()


JOB: Final = Job("quality", lambda settings: settings.quality_every_s, turn)
