"""Has a version of a model checked that readers are not led to yet, once it is whole: it takes over when it is sound.

One that is not sound is checked again as often as the newest are, and at once when its file was made anew.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from ops.scheduler.jobs import Job
from ops.settings import Settings
from sinks.duckdb import certified_snapshots, snapshots
from sinks.duckdb.snapshots import Snapshot
from sinks.quality import check_history, check_job
from sinks.quality.suites import SUITES, Suite

_LOOKS_EVERY_S: Final = 5.0


def turn(settings: Settings) -> None:
    for suite in SUITES:
        if _waits(settings, suite):
            check_job.check(settings, suite.model.id)


def _waits(settings: Settings, suite: Suite) -> bool:
    """Whether readers are led to an older version, and this one is whole and was not judged lately."""
    folder = settings.analytics_dir / suite.model.id
    live = snapshots.live_folder(settings.analytics_dir, suite.model.name)
    if not live.exists() or snapshots.version_of(live.resolve()) >= suite.model.version:
        return False
    current = snapshots.current(folder)
    if current is None or suite.model.complete(current.freshness).state != "fresh":
        return False
    certified = certified_snapshots.newest(folder)
    if certified is not None and snapshots.birth_of(certified.path) == snapshots.birth_of(current.path):
        return False  # its feed takes over with the next publishing
    return not _was_judged(settings, suite, current)


def _was_judged(settings: Settings, suite: Suite, current: Snapshot) -> bool:
    last = check_history.newest(settings.analytics_dir, suite.model.id)
    if last is None or snapshots.birth_of(Path(last["snapshot"])) != snapshots.birth_of(current.path):
        return False
    since = datetime.now(UTC) - datetime.fromisoformat(last["checked_at"])
    return since < timedelta(seconds=settings.quality_every_s)


JOB: Final = Job("quality-next", lambda settings: min(_LOOKS_EVERY_S, settings.quality_every_s), turn)
