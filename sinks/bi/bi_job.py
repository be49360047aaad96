"""Has the tables for BI tools filled now and then, in a process of its own, while anybody may read them."""

import json
import os
import subprocess
import sys
from datetime import datetime
from typing import Any, Final

import psycopg

from ops import metrics
from ops.scheduler.jobs import Job
from ops.settings import Settings
from sinks.analytics import sales_facts
from sinks.bi import bi_readers
from sinks.duckdb import snapshots

_MOST_S: Final = 1800.0
#: DuckDB's bindings say much about themselves when a process ends.
_NOISE: Final = "nanobind:"


class NotFilled(Exception):
    """The process that was to fill them did not."""


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
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", "sinks", "bi", f"--{settings.bi_of}", "--json"],
        env={
            **os.environ,
            "RUSTOK_ANALYTICS_DIR": str(settings.analytics_dir),
            "RUSTOK_POSTGRES_BI_URL": settings.postgres_bi_url,
        },
        capture_output=True,
        text=True,
        timeout=_MOST_S,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.partition(_NOISE)[0].strip()[-2000:]
        raise NotFilled(f"`rustok sinks bi` exited with {done.returncode}: {said}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


JOB: Final = Job("bi", lambda settings: settings.bi_every_s, turn)
