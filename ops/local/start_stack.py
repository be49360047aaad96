"""Starts a stack: folders and keys, free ports, the supervisor, the servers, the preparations, our processes.

Folders and keys, free ports, the supervisor; then the servers at the same time, each from its software to its first
answer; then the preparations one after the other; then our processes. Whatever runs already is left alone, so
starting a stack that is half there completes it. A start that fails ends again what it started: it leaves nothing
running, or only what ran before, and says which.
"""

import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import NoReturn
from xmlrpc.client import Fault

from ops.failure import Failure
from ops.home import ServiceUser
from ops.local import leftovers, ports, stack_folders
from ops.local.kafka import Kafka
from ops.local.opensearch import OpenSearch
from ops.local.postgres import Postgres
from ops.local.program import Program, Server, ServerContext
from ops.local.stop_stack import stop
from ops.local.supervisor import NOT_RUNNING, Supervisor
from ops.process_health import works
from ops.processes import PREPARATIONS, Preparation, Process, all_processes
from ops.progress_display import Board, Steps
from ops.settings import PREFIX, Settings

SERVER_DEADLINE_S = 240.0
PROCESS_DEADLINE_S = 180.0  # all of them start at once, on a machine that may be busy and has read nothing yet
HOPELESS_RESTARTS = 3
LINES_SHOWN = 12
LONGEST_REASON = 300


def servers(settings: Settings) -> tuple[Server, ...]:
    around = ServerContext(settings, ServiceUser.choose(settings.service_user))
    return Postgres(around), Kafka(around), OpenSearch(around)


class GaveUpError(Exception):
    """Another piece failed, so this one is not waited for."""


class StackStart:
    """One `rustok up`."""

    def __init__(self, settings: Settings, *, servers_only: bool, free_ports: bool) -> None:
        stack_folders.make(settings.folder, ServiceUser.choose(settings.service_user))
        self._supervisor = Supervisor(settings.folder)
        if not self._supervisor.is_running():
            leftovers.end(settings.folder.root)
            stack_folders.empty_tmp(settings.folder)
            if free_ports:
                ports.write(settings, ports.find_free(settings))
        # Read again: the keys and the ports are there only now.
        self.settings = Settings(**{name: getattr(settings, name) for name in ("home", "stack")})
        self._servers = servers(self.settings)
        self._given_up = Event()
        self._processes: tuple[Process, ...] = () if servers_only else all_processes()

    def is_running(self) -> bool:
        """Whether there is nothing to do."""
        states = {state.name: state.state for state in self._supervisor.states()}
        ours = [server.name for server in self._servers if server.is_ours] + [p.name for p in self._processes]
        return (
            self._supervisor.is_running()
            and all(states.get(name) == "running" for name in ours)
            and all(server.is_ready() for server in self._servers)
            and all(works(process, self.settings) for process in self._processes)
        )

    def call_off(self) -> NoReturn:
        """What is under way gives up. A KeyboardInterrupt alone is lost where a finalizer runs just then."""
        self._given_up.set()
        raise KeyboardInterrupt

    def run(self, steps: Steps) -> None:
        """Starts what does not run yet. Raises a `Failure` that says what runs after it."""
        before = self._running()
        try:
            self._start(steps)
        except (KeyboardInterrupt, GaveUpError):
            failure = Failure("The start was interrupted.", "Run the command again when you like.")
            raise self._undone(failure, before, steps) from None
        except Failure as failure:
            raise self._undone(failure, before, steps) from failure
        except Exception as defect:  # whatever it is: it is told, and leaves nothing running
            raise self._undone(self._told(defect), before, steps) from defect

    def _start(self, steps: Steps) -> None:
        self._check_ports()
        if self._processes:
            stack_folders.make_named(self.settings.analytics_dir, f"{PREFIX}ANALYTICS_DIR")
        # Java knows the names of files by the locale.
        self._supervisor.start(self._programs(), {"LC_ALL": "C.UTF-8", **_environment(self.settings)})
        with steps.together() as board, self._at_once(len(self._servers)) as pool:
            self._all([pool.submit(self._start_server, server, board) for server in self._servers])
        for preparation in PREPARATIONS if self._processes else ():
            with steps.together() as board, board.piece(preparation.name) as tell:
                if self._given_up.is_set():
                    raise GaveUpError(preparation.name)
                tell(f"rustok {' '.join(preparation.command)}")
                self._prepare(preparation)
        self._supervisor.start_programs(process.name for process in self._processes)
        if self._processes:
            with steps.together() as board, self._at_once(len(self._processes)) as pool:
                self._all([pool.submit(self._await_process, process, board) for process in self._processes])

    def _running(self) -> list[str]:
        return [state.name for state in self._supervisor.states() if state.state not in NOT_RUNNING]

    def _undone(self, failure: Failure, before: Sequence[str], steps: Steps) -> Failure:
        """Ends what was started since, and gives the failure with what runs now."""
        remains = "`rustok status` shows what still runs, `rustok down` ends it."
        with suppress(KeyboardInterrupt, OSError, Fault):
            if before:
                self._supervisor.stop_programs(name for name in self._running() if name not in before)
                remains = f"What ran before goes on: {', '.join(before)}."
            else:
                stop(self.settings, steps)
                remains = "Nothing was left running."
        return Failure(failure.what, f"{failure.remedy}\n{remains}")

    def _told(self, error: Exception) -> Failure:
        """The machine's own refusals explain themselves; for anything else the way there is kept."""
        log = self._supervisor.log_of("start")
        if isinstance(error, OSError) and error.strerror:
            what = f"The start failed: {error.strerror}{f' ({error.filename})' if error.filename else ''}."
            return Failure(what, "Put that right, and run the command again.")
        with suppress(OSError):
            log.write_text("".join(traceback.format_exception(error)))
        return Failure(
            f"The start failed in a way that nobody thought of: {type(error).__name__}: {str(error)[:LONGEST_REASON]}",
            f"Run the command again; should it stay so, report it with {log}.",
        )

    def _check_ports(self) -> None:
        running = self._running()
        for server in self._servers:
            if server.is_ours and server.name not in running:
                ports.check(server.ports)
        for process in self._processes:
            if process.name not in running:
                ports.check({process.port_setting: process.port(self.settings)})

    def _start_server(self, server: Server, board: Board) -> None:
        with board.piece(server.name) as said:

            def tell(words: str) -> None:
                if self._given_up.is_set():  # fetching does not go on when another server has failed
                    raise GaveUpError(server.name)
                said(words)

            if server.is_ours:
                server.prepare(tell)
                self._supervisor.start_programs([server.name])
            tell(f"waiting for {server.address}")
            self._await(server.name, server.is_ready, SERVER_DEADLINE_S, is_ours=server.is_ours, where=server.address)
            tell(f"ready on {server.address}" if server.is_ours else f"found at {server.address}")

    def _await_process(self, process: Process, board: Board) -> None:
        with board.piece(process.name) as tell:
            url = process.metrics_url(self.settings)
            tell("starting")
            self._await(
                process.name, lambda: works(process, self.settings), PROCESS_DEADLINE_S, is_ours=True, where=url
            )
            tell("works")

    def _await(self, name: str, ready: Callable[[], bool], deadline_s: float, *, is_ours: bool, where: str) -> None:
        deadline = time.monotonic() + deadline_s
        before = self._restarts(name)
        while not ready():
            if self._given_up.is_set():
                raise GaveUpError(name)
            if time.monotonic() > deadline or self._restarts(name) >= before + HOPELESS_RESTARTS:
                raise _not_ready(name, self._supervisor.log_of(name) if is_ours else None, where)
            time.sleep(0.1)

    def _restarts(self, name: str) -> int:
        return sum(state.restarts for state in self._supervisor.states() if state.name == name)

    @contextmanager
    def _at_once(self, many: int) -> Iterator[ThreadPoolExecutor]:
        """When one fails, or the start is called off, at whatever moment that is, the others give up."""
        with ThreadPoolExecutor(many) as pool:
            try:
                yield pool
            except BaseException:
                self._given_up.set()
                raise

    def _all(self, futures: Sequence[Future[None]]) -> None:
        """Waits for all of them. Raises what the first that failed did."""
        wait(futures, return_when=FIRST_EXCEPTION)
        failures = [error for future in futures if future.done() and (error := future.exception())]
        if failures:
            raise failures[0]

    def _prepare(self, preparation: Preparation) -> None:
        log = self._supervisor.log_of(f"prepare-{preparation.name}")
        with log.open("w") as said:
            done = subprocess.run(
                [sys.executable, "-m", "ops.cli", *preparation.command],
                stdout=said,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                check=False,
                env={**os.environ, **_environment(self.settings)},
            )
        if done.returncode != 0:
            command = " ".join(preparation.command)
            raise Failure(f"`rustok {command}` failed.\n{last_lines(log)}", f"Its log is {log}.")

    def _programs(self) -> Sequence[Program]:
        ours = [self._program(process) for process in all_processes()]
        return [*(server.program() for server in self._servers if server.is_ours), *ours]

    def _program(self, process: Process) -> Program:
        run = self.settings.folder.run
        # Several workers, one page of metrics.
        environment = {"PROMETHEUS_MULTIPROC_DIR": str(run / "api-metrics")} if process.name == "api" else {}
        rustok = (sys.executable, "-m", "ops.cli", *process.command)
        return Program(
            name=process.name,
            kind="process",
            command=(sys.executable, "-m", "ops.local.launch_process", process.name, *rustok),
            directory=run,
            stop_children_too=True,
            environment=environment,
        )


def last_lines(log: Path) -> str:
    """The end of a log without the frames of stack traces, which hide what was said."""
    lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
    lines = [line[:300] for line in lines if not line.lstrip().startswith(("at ", "..."))]
    return "\n".join(f"    {line}" for line in lines[-LINES_SHOWN:]) or "    (its log is empty)"


def _environment(settings: Settings) -> Mapping[str, str]:
    """What a process of the stack needs to find the same settings."""
    given = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    return {**given, f"{PREFIX}HOME": str(settings.home), f"{PREFIX}STACK": settings.stack, "PYTHONUNBUFFERED": "1"}


def _not_ready(name: str, log: Path | None, where: str) -> Failure:
    if log is None:
        return Failure(f"{name} does not answer at {where}.", "Start it, or correct its address in the settings.")
    return Failure(
        f"{name} is not ready at {where}. The end of its log:\n{last_lines(log)}",
        f"The whole log is {log}. `rustok up` tries again.",
    )
