"""Defines `rustok down`, which stops everything."""

import shutil
import time

import click
from rich.console import Console

from ops.local.stop_stack import stop
from ops.progress_display import Steps
from ops.settings import Settings


@click.command()
@click.option("--delete-data", is_flag=True, help="Delete the stack's data, logs and keys too.")
def down(*, delete_data: bool) -> None:
    """Stop our processes, then the servers, and leave nothing running.

    Data stays, unless it is told to go.
    """
    began = time.monotonic()
    console = Console(stderr=True)
    settings = Settings()
    if stop(settings, Steps(console)):
        console.print(f"Stack [bold]{settings.stack}[/] is down: {time.monotonic() - began:.1f} s.", highlight=False)
    else:
        console.print(f"Stack [bold]{settings.stack}[/] was not running.", highlight=False)
    if delete_data and settings.folder.root.exists():
        shutil.rmtree(settings.folder.root)
        console.print(f"Its data is deleted: {settings.folder.root}", highlight=False)
