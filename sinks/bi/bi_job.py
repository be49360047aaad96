"""Has the tables for BI tools filled now and then, in a process of its own, while anybody may read them."""

from datetime import datetime
from typing import Any, Final

import psycopg

from ops import metrics
from ops.scheduler import own_commands
from ops.scheduler.jobs import Job
from ops.settings import Settings
from sinks.analytics import sales_facts
from sinks.bi import bi_readers
from sinks.duckdb import snapshots


def turn(settings: Settings) -> None:
    """Nothing is done where nobody may read: working figures out of all orders is not free."""
    if not settings.postgres_bi_url or not _is_read(settings):
        return
    if snapshots.current(snapshots.live_folder(settings.analytics_dir, sales_facts.MODEL.name).resolve()) is None:
        return
    filled = _filled(settings)
    for one in filled["models"]:
        metrics.BI_AS_OF.labels(one["model"]).set(datetime.fromisoformat(one["as_of"]).timestamp())
    metrics.BI_ROWS.inc(filled["rows"])
    metrics.BI_ENDED.inc(filled["ended"])


def _is_read(settings: Settings) -> bool:
    try:
        return bi_readers.are_there(settings.postgres_bi_url)
    except psycopg.errors.UndefinedTable:
        return False


def _filled(settings: Settings) -> dict[str, Any]:
    said = {"analytics_dir": settings.analytics_dir, "postgres_bi_url": settings.postgres_bi_url}
    found: dict[str, Any] = own_commands.run("sinks", "bi", f"--{settings.bi_of}", "--json", settings=said).expect([0])
    return found


JOB: Final = Job("bi", lambda settings: settings.bi_every_s, turn)
