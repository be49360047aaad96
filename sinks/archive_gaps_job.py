"""Has what the archive lacks emitted again, once, and counts what becomes of each gap."""

from typing import Final

import structlog

from ops import metrics
from ops.scheduler.jobs import Job
from ops.settings import Settings
from schemas.write_model import open_write_model
from sinks.analytics import event_archive
from sinks.archive import archive_report, emit_gaps, gap_outlook
from sinks.archive.gap_outlook import OUTLOOKS
from sinks.archive.version_ledger import BEFORE, MISSED
from sinks.duckdb import snapshots

log = structlog.get_logger(__name__)


def turn(settings: Settings) -> None:
    """Raises `Unreachable`, and `Unavailable` when the archive cannot be read; before there is one nothing is done."""
    folder = snapshots.live_folder(settings.analytics_dir, event_archive.MODEL.name).resolve()
    if snapshots.current(folder) is None:
        return
    freshness, gaps = archive_report.gaps_of(folder, event_archive.MODEL)
    with open_write_model(settings.postgres_scheduler_url) as keeper:
        told = list(zip(gaps, gap_outlook.of_all(keeper, gaps, freshness.as_of), strict=True))
        emitted = emit_gaps.emit_again(keeper, [gap for gap, outlook in told if outlook == "due"], once=True)
    metrics.ARCHIVE_REEMITTED.inc(emitted)
    for kind in (BEFORE, MISSED):
        for wanted in OUTLOOKS:
            lacking = [gap for gap, outlook in told if (gap.kind, outlook) == (kind, wanted)]
            metrics.ARCHIVE_GAP_EVENTS.labels(kind, wanted).set(sum(gap.last - gap.first + 1 for gap in lacking))
    if emitted:
        log.info("archive_gaps_emitted_again", events=emitted)


JOB: Final = Job("archive-gaps", lambda settings: settings.archive_gaps_every_s, turn)
