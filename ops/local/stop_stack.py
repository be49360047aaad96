"""Stops a stack, with nothing left running.

Our processes first, for an attached capture keeps PostgreSQL from stopping; then the servers, all at once; then the
supervisor. When that is gone already, whatever can be proved to be the stack's own is ended.
"""

from ops.local import leftovers
from ops.local.supervisor import NOT_RUNNING, Supervisor
from ops.processes import SERVERS, all_processes
from ops.progress_display import Steps
from ops.settings import Settings


def stop(settings: Settings, steps: Steps) -> bool:
    """Stops everything; False when nothing ran."""
    supervisor = Supervisor(settings.folder)
    was_running = supervisor.is_running()
    if was_running:
        running = [state.name for state in supervisor.states() if state.state not in NOT_RUNNING]
        ours = [process.name for process in all_processes() if process.name in running]
        servers = [name for name in SERVERS if name in running]
        for what, names in (("processes", ours), ("servers", servers)):
            if names:
                with steps.together() as board, board.piece(what) as tell:
                    tell(f"stopping {', '.join(names)}")
                    supervisor.stop_programs(names)
                    tell(f"stopped {', '.join(names)}")
        supervisor.shut_down()
    left = leftovers.find(settings.folder.root)
    if left:
        with steps.together() as board, board.piece("left over") as tell:
            tell(f"ending {len(left)} processes that nobody supervised")
            leftovers.end(settings.folder.root)
    return was_running or bool(left)
