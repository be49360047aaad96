"""Removes builds that readers are not led to: when somebody says so, and when they were left long enough ago."""

from collections.abc import Iterable
from contextlib import closing
from datetime import timedelta
from typing import Final

import structlog

from ops.failure import Failure
from ops.scheduler.jobs import Job
from ops.settings import Settings
from schemas.write_model import open_write_model
from sinks.builds import Build, Builds, abandoned
from sinks.read_model import ReadModel
from sinks.read_models import READ_MODELS
from sinks.rebuild import build_progress
from sinks.rebuild.one_rebuild import alone

log = structlog.get_logger(__name__)
_EVERY_S: Final = 600.0


def drop(settings: Settings, model: ReadModel, builds: Builds, gone: Iterable[Build]) -> None:
    """With what Kafka knows of who fed them. To be called alone, and again after `Unavailable`."""
    led = builds.led()
    for build in gone:
        of_build = model.as_fed(build, led)
        if of_build.build:
            build_progress.forget(settings, of_build)
        builds.drop(build)


def turn(settings: Settings) -> None:
    """Of each model; one that somebody rebuilds just now has time."""
    own = settings.model_copy(update={"postgres_url": settings.postgres_scheduler_url})
    with open_write_model(own.postgres_url) as tables:
        before = tables.now() - timedelta(hours=settings.rebuild_kept_h)
    for model in READ_MODELS:
        builds = model.builds(own)
        if builds is None:
            continue
        with closing(builds):
            if not abandoned(builds, before):
                continue
            try:
                with alone(own, model.name):
                    gone = abandoned(builds, before)
                    drop(own, model, builds, gone)
            except Failure as taken:
                log.info("builds_not_dropped", model=model.name, reason=str(taken))
            else:
                log.info("builds_dropped", model=model.name, builds=[str(one) for one in gone])


JOB: Final = Job("drop-builds", lambda settings: _EVERY_S if settings.rebuild_kept_h else 0, turn)
