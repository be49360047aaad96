"""Has the newest snapshots mirrored into the lake, in a process of its own, and counts what was committed."""

from datetime import datetime
from typing import Any, Final

from ops import metrics
from ops.scheduler import own_commands
from ops.scheduler.jobs import Job
from ops.settings import Settings


def turn(settings: Settings) -> None:
    """Raises `CommandFailed` when it could not be mirrored, or not all of it."""
    options = ["--certified"] if settings.lake_certified else []
    said = {
        "analytics_dir": settings.analytics_dir,
        "lake_dir": settings.lake_dir,
        "lake_kept_min": settings.lake_kept_min,
        "postgres_url": settings.postgres_scheduler_url,  # the role of the duty is enough
    }
    ended = own_commands.run("sinks", "lake", "--json", *options, settings=said)
    for found in ended.document or ():
        _count(found)
    ended.expect([0])


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
