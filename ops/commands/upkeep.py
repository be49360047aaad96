"""`rustok upkeep`: the process that does what has to be done again and again."""

import signal
import sys
import time

import click

from ops import metrics, telemetry
from ops.failure import Failure
from ops.settings import Settings


@click.command()
def upkeep() -> None:
    """Remove what is old from the outbox, verify samples of the read models; until SIGTERM."""
    from ops.upkeep.duties import all_duties
    from ops.upkeep.keeping import Keeping

    settings = Settings()
    telemetry.configure(settings, process="upkeep")
    # Any duty may be left at any moment: what it has not committed it begins again.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    keeping = Keeping(all_duties(), settings)
    try:
        metrics.serve(settings.upkeep_metrics_port, settings.listen_host)
    except OSError:
        raise Failure(
            f"Port {settings.upkeep_metrics_port} is taken (RUSTOK_UPKEEP_METRICS_PORT).",
            "End the other program, or set the port.",
        ) from None
    while True:
        time.sleep(keeping.turn())
