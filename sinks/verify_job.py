"""Compares now and then a sample of each read model with the tables."""

from contextlib import closing
from typing import Final

import structlog

from ops import metrics
from ops.scheduler.jobs import Job
from ops.settings import Settings
from schemas.write_model import open_write_model
from sinks.document_differences import KINDS
from sinks.read_models import VERIFIED
from sinks.verify_model import Verifying

log = structlog.get_logger(__name__)


def turn(settings: Settings) -> None:
    for model in VERIFIED:
        with (
            open_write_model(settings.postgres_scheduler_url) as truth,
            closing(model.published(settings)) as published,
        ):
            finding = Verifying(model, published, truth).sampled(settings.verify_sample)
        metrics.VERIFY_CHECKED.labels(model.id).inc(finding.checked)
        for kind in KINDS:
            metrics.VERIFY_DIFFERENCES.labels(model.id, kind).set(finding.of_kind(kind))
        if finding.differences:
            log.warning(
                "read_model_differs",
                model=model.name,
                checked=finding.checked,
                differences=len(finding.differences),
                **{kind: finding.of_kind(kind) for kind in KINDS},
            )


JOB: Final = Job("verify", lambda settings: settings.verify_every_s, turn)
