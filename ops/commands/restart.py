"""Defines `rustok restart`: one process takes up the code, or the settings, that are there now.

It is stopped, started by the supervisor, and waited for; the others go on. It runs the code of the checkout that
`rustok up` was called in, as that is now, with the environment `rustok up` was given.
"""

import os
import subprocess
import sys
import time

import click
from rich.console import Console

from ops import process_health
from ops.failure import Failure
from ops.local import replace_workers
from ops.local.start_stack import HOPELESS_RESTARTS, PROCESS_DEADLINE_S, last_lines
from ops.local.supervisor import Supervisor
from ops.process_health import Watched
from ops.processes import Process, all_processes
from ops.progress_display import Steps
from ops.setting_names import require_known
from ops.settings import PREFIX, Settings


@click.command()
@click.argument("name", metavar="PROCESS")
@click.option("--at-once", is_flag=True, help="Of a feed: also when readers would wait for a newer version meanwhile.")
def restart(name: str, *, at_once: bool) -> None:
    """Stop one of our processes, start it again, and wait until it works.

    A feed whose code makes a newer version of its read model is restarted when that is made and right, beside the one
    that readers see and that the process of before keeps fresh.

    PROCESS is a name that `rustok status` shows: api, capture, scheduler, dead-letters, feed-….

    Settings exported in this shell are not seen: it goes by the environment `rustok up` was called in. What that
    leaves open is read from stack.env anew, and then has its default. To change what was exported: `rustok down`,
    then `rustok up`.
    """
    process = _chosen(name)
    settings = Settings()
    require_known(settings)
    supervisor = Supervisor(settings.folder)
    if not supervisor.is_running():
        raise Failure(f"The stack {settings.stack} does not run in {settings.home}.", "Start it with `rustok up`.")
    if name not in {state.name for state in supervisor.states()}:
        raise Failure(f"The stack {settings.stack} was started without {name}.", "Run `rustok down`, then `rustok up`.")
    if process.feed is not None and not at_once:
        _make_newer_version(process.feed.name, settings)
    with Steps(Console(stderr=True)).together() as board, board.piece(name) as tell:
        if process.has_workers and process_health.works(process, settings):
            tell("replacing its workers")
            _replace_workers(name, supervisor)
        else:
            tell("stopping")
            supervisor.stop_programs([name])
            tell("starting")
            supervisor.start_programs([name])
        stands_by = _await_works(process, settings, supervisor)
        why = process_health.why_not_ready(process, settings)
        tell("stands by again" if stands_by else "works again" if why is None else "answers again")
    if why is not None:
        raise Failure(f"{name} is not ready: {why}.", "`rustok status` shows when it is.")


def _make_newer_version(read_model: str, settings: Settings) -> None:
    """Beside the one that readers see, where the code makes one. Raises `Failure` when it is not right."""
    command = (sys.executable, "-m", "ops.cli", "sinks", "rebuild", "start", read_model, "--if-newer")
    done = subprocess.run(command, env={**os.environ, **_of_stack(settings)}, stdout=sys.stderr, check=False)
    if done.returncode:
        raise Failure(
            f"feed-{read_model} goes on as it is: what it would lead readers to was not made, or is not right.",
            f"`rustok sinks rebuild status {read_model}` shows what was found; --at-once restarts it all the same.",
        )


def _of_stack(settings: Settings) -> dict[str, str]:
    return {f"{PREFIX}HOME": str(settings.home), f"{PREFIX}STACK": settings.stack}


def _replace_workers(name: str, supervisor: Supervisor) -> None:
    """Nobody is refused meanwhile. Raises `Failure` when new ones do not come up; then the old ones serve on."""
    pid = next((state.pid for state in supervisor.states() if state.name == name), None)
    if pid is None or not replace_workers.replace(pid):
        log = supervisor.log_of(name)
        raise Failure(
            f"{name} has not got new workers; the old ones serve on. The end of its log:\n{last_lines(log)}",
            f"The whole log is {log}.",
        )


def _chosen(name: str) -> Process:
    """Raises `Failure` for a name of no process of ours."""
    found = next((process for process in all_processes() if process.name == name), None)
    if found is None:
        names = ", ".join(process.name for process in all_processes())
        raise Failure(f"There is no process {name}.", f"One of these can be restarted: {names}.")
    return found


def _await_works(process: Process, settings: Settings, supervisor: Supervisor) -> bool:
    """Whether it works by standing by: another instance has its part now.

    Raises `Failure` when it ends again and again, or takes too long.
    """
    deadline = time.monotonic() + PROCESS_DEADLINE_S
    before = _restarts(supervisor, process.name)
    while (new := _new(process, settings, supervisor)) is None or not new.works:
        if time.monotonic() > deadline or _restarts(supervisor, process.name) >= before + HOPELESS_RESTARTS:
            log = supervisor.log_of(process.name)
            raise Failure(
                f"{process.name} does not work. The end of its log:\n{last_lines(log)}",
                f"The whole log is {log}. The supervisor goes on starting it; `rustok status` shows it.",
            )
        time.sleep(0.1)
    return new.condition == "standby"


def _new(process: Process, settings: Settings, supervisor: Supervisor) -> Watched | None:
    """The instance that the supervisor keeps, as soon as it can be seen."""
    pid = next((state.pid for state in supervisor.states() if state.name == process.name), None)
    return next((one for one in process_health.instances(process, settings) if one.pid in (None, pid)), None)


def _restarts(supervisor: Supervisor, name: str) -> int:
    return sum(state.restarts for state in supervisor.states() if state.name == name)
