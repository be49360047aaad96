"""`rustok up`: how do I start everything?"""

import time

import click
from rich.console import Console

from ops.failure import Failure
from ops.home import ServiceUser, project_root, reachable_by_others
from ops.local.starting import Start
from ops.progress import Steps
from ops.settings import Settings


@click.command()
@click.option("--servers-only", is_flag=True, help="PostgreSQL, Kafka and OpenSearch, and nothing of ours.")
@click.option("--free-ports", is_flag=True, help="Find free ports and keep them in the stack's stack.env.")
def up(*, servers_only: bool, free_ports: bool) -> None:
    """Start the servers and our processes, and wait until they work.

    What runs already is left alone.
    """
    began = time.monotonic()
    console = Console(stderr=True)
    start = Start(Settings(), servers_only=servers_only, free_ports=free_ports)
    settings = start.settings
    if start.is_running():
        console.print(f"Stack [bold]{settings.stack}[/] is running already.", highlight=False)
        return
    user = ServiceUser.choose(settings.service_user)
    console.print(f"Stack [bold]{settings.stack}[/] in {settings.folder.root}", highlight=False, soft_wrap=True)
    if not user.is_caller:
        console.print(who_serves(user.name, reaches_project=reachable_by_others(project_root())), soft_wrap=True)
    try:
        start.run(Steps(console))
    except KeyboardInterrupt:
        remedy = "`rustok up` completes it, `rustok down` ends what was started."
        raise Failure("The start was interrupted.", remedy) from None
    console.print(f"Up in {time.monotonic() - began:.1f} s.", highlight=False)
    if not servers_only:
        console.print(f"API: {settings.api_url}   state: rustok status   end: rustok down", highlight=False)


def who_serves(user: str, *, reaches_project: bool) -> str:
    """Said to root, whose stack is not run as root."""
    said = f"PostgreSQL and OpenSearch refuse to be root, so the servers run as user {user}."
    return said if reaches_project else f"{said} It cannot enter the project's folder; the stack is outside."
