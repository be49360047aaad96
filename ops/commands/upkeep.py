"""`rustok upkeep`: the process that does what has to be done again and again."""

import signal
import sys

import click

from ops import telemetry
from ops.instances import claim, serve_metrics
from ops.settings import Settings


@click.command()
def upkeep() -> None:
    """Remove what is old from the outbox, verify samples of the read models, measure the slot; until SIGTERM."""
    from ops.clients import duties
    from ops.upkeep.duties import all_duties
    from ops.upkeep.keeping import begin

    settings = Settings()
    telemetry.configure(settings, process="upkeep")
    duties.require_at_start(settings, "upkeep")
    # Any duty may be left at any moment: what it has not committed it begins again.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    serve_metrics("upkeep", settings.upkeep_metrics_port, "upkeep_metrics_port", settings, claim(settings, "upkeep"))
    for thread in begin(all_duties(), settings):
        thread.join()
