"""Defines `rustok up`, which starts everything."""

import time

import click
from rich.console import Console

from ops.backup.restore_progress import unfinished
from ops.failure import Failure
from ops.local.bring_up_stack import bring_up
from ops.settings import Settings


@click.command()
@click.option("--servers-only", is_flag=True, help="PostgreSQL, Kafka and OpenSearch, and nothing of ours.")
@click.option("--free-ports", is_flag=True, help="Find free ports and keep them in the stack's stack.env.")
def up(*, servers_only: bool, free_ports: bool) -> None:
    """Start the servers and our processes, and wait until they work.

    What runs already is left alone. A start that fails ends what it started.

    Our processes go by the settings (RUSTOK_…) of this shell as they are now, then by stack.env, as long as they run:
    what is exported later they see after `rustok down` and `rustok up`, what is written into stack.env after
    `rustok restart PROCESS`.
    """
    began = time.monotonic()
    console = Console(stderr=True)
    settings = Settings()
    if (restore := unfinished(settings.folder.root)) is not None:
        raise Failure(
            f"A restore into the stack {settings.stack} has not come to its end.",
            f"`{restore}` goes on with it; `rustok down --delete-data` gives it up.",
        )
    standing = bring_up(settings, console, servers_only=servers_only, free_ports=free_ports)
    settings = standing.settings
    if standing.was_running:
        console.print(f"Stack [bold]{settings.stack}[/] is running already.", highlight=False)
        return
    console.print(f"Up in {time.monotonic() - began:.1f} s.", highlight=False)
    if not servers_only:
        console.print(f"API: {settings.api_url}   state: rustok status   end: rustok down", highlight=False)
