"""Brings a stack up, one at a time: who is about to do so at the same moment waits, and finds it running."""

import signal
from dataclasses import dataclass

from rich.console import Console

from ops.failure import Failure
from ops.home import ServiceUser, project_root, reachable_by_others
from ops.local import archived_log, stack_folders
from ops.local.machine_lock import alone
from ops.local.start_stack import StackStart
from ops.progress_display import Steps
from ops.setting_names import require_known
from ops.settings import Settings

PATIENCE_S = 1800.0


@dataclass(frozen=True, slots=True)
class Standing:
    """A stack that is up. The settings are those it was started with: its keys and ports are in them."""

    settings: Settings
    was_running: bool


def bring_up(settings: Settings, console: Console, *, servers_only: bool = False, free_ports: bool = False) -> Standing:
    """Starts what does not run yet. Raises a `Failure` that says what is left running."""
    require_known(settings)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # called off is interrupted
    user = ServiceUser.choose(settings.service_user)
    stack_folders.make(settings.folder, user)

    def wait() -> None:
        console.print("Another start of this stack is under way; waiting for it.", highlight=False)

    lock = settings.folder.run / "start.lock"
    with alone(lock, patience_s=PATIENCE_S, on_wait=wait) as is_alone:
        if not is_alone:
            raise Failure(
                f"Another start of the stack {settings.stack} has been under way for {PATIENCE_S / 60:.0f} minutes.",
                f"End it, and run the command again. It holds {lock}.",
            )
        start = StackStart(settings, servers_only=servers_only, free_ports=free_ports)
        if start.is_running():
            return Standing(start.settings, was_running=True)
        console.print(
            f"Stack [bold]{settings.stack}[/] in {start.settings.folder.root}", highlight=False, soft_wrap=True
        )
        for called_off in (signal.SIGTERM, signal.SIGINT):
            signal.signal(called_off, lambda *_: start.call_off())
        if not user.is_caller:
            console.print(who_serves(user.name, reaches_project=reachable_by_others(project_root())), soft_wrap=True)
        start.run(Steps(console))
        if start.settings.starts_postgres and start.settings.postgres_archive_dir is not None:
            archived_log.wake(start.settings.postgres_url)
    return Standing(start.settings, was_running=False)


def who_serves(user: str, *, reaches_project: bool) -> str:
    """Said to root, whose stack is not run as root."""
    said = f"PostgreSQL and OpenSearch refuse to be root, so the servers run as user {user}."
    return said if reaches_project else f"{said} It cannot enter the project's folder; the stack is outside."
