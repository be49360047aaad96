"""`rustok down`: how do I stop everything?"""

import time

import click
from rich.console import Console

from ops.local.stopping import stop
from ops.progress import Steps
from ops.settings import Settings


@click.command()
def down() -> None:
    """Stop our processes, then the servers, and leave nothing running. Data stays."""
    began = time.monotonic()
    console = Console(stderr=True)
    settings = Settings()
    if stop(settings, Steps(console)):
        console.print(f"Stack [bold]{settings.stack}[/] is down: {time.monotonic() - began:.1f} s.", highlight=False)
    else:
        console.print(f"Stack [bold]{settings.stack}[/] was not running.", highlight=False)
