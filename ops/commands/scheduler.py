"""`rustok scheduler`: the process that does what has to be done again and again."""

import signal
import sys

import click

from ops import telemetry
from ops.instances import claim, serve_metrics
from ops.settings import Settings


@click.command()
def scheduler() -> None:
    """Remove what is old from the outbox, verify samples of the read models, measure the slot; until SIGTERM."""
    from ops.clients import database_roles
    from ops.scheduler.jobs import all_jobs
    from ops.scheduler.run_jobs import begin

    settings = Settings()
    telemetry.configure(settings, process="scheduler")
    database_roles.require_at_start(settings, "scheduler")
    # Any job may be left at any moment: what it has not committed it begins again.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    serve_metrics(
        "scheduler", settings.scheduler_metrics_port, "scheduler_metrics_port", settings, claim(settings, "scheduler")
    )
    for thread in begin(all_jobs(), settings):
        thread.join()
