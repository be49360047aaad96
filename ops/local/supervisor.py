"""Keeps processes running with `supervisord`, which starts each again whenever it ends.

By `supervisord`: it starts each program again whenever it ends, for ever, and is spoken to over a unix socket that
only its owner can open. One configuration holds all programs of a stack; `rustok up` says which of them to start.
"""

import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from ops.failure import Failure
from ops.home import StackFolder
from ops.local import crash_counts, leftovers
from ops.local.program import Program

LONGEST_SOCKET_PATH = 100
NOT_RUNNING = ("stopped", "exited", "fatal", "unknown")

DAEMON = """\
; written by `rustok up`
[unix_http_server]
file = {socket}
chmod = 0700
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl = unix://{socket}
[supervisord]
; of an environment with the hash {environment}
pidfile = {pidfile}
logfile = {logfile}
logfile_maxbytes = 10MB
logfile_backups = 1
childlogdir = {logs}
{user}
"""
PROGRAM = """\
[program:{name}]
command = {command}
directory = {directory}
environment = {environment}
autostart = false
autorestart = true
startsecs = 1
startretries = 1000000000
stopsignal = {stop_signal}
stopwaitsecs = {stop_wait_s}
stopasgroup = {stop_children_too}
killasgroup = true
redirect_stderr = true
stdout_logfile = {log}
stdout_logfile_maxbytes = 20MB
stdout_logfile_backups = 2
{user}
"""


@dataclass(frozen=True, slots=True)
class State:
    """One program, as the supervisor sees it."""

    name: str
    state: str
    pid: int | None
    started_at: datetime | None
    restarts: int


class Supervisor:
    """The supervisor of one stack, whether it runs or not."""

    def __init__(self, folder: StackFolder) -> None:
        self._folder = folder
        self._config = folder.run / "supervisord.conf"
        self._log = folder.logs / crash_counts.LOG

    @property
    def socket(self) -> Path:
        usual = self._folder.run / "supervisor.sock"
        if len(str(usual)) <= LONGEST_SOCKET_PATH:
            return usual
        name = hashlib.sha256(str(usual).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir(), f"rustok-{name}.sock")

    def log_of(self, program: str) -> Path:
        return self._folder.logs / f"{program}.log"

    def is_running(self) -> bool:
        with socket.socket(socket.AF_UNIX) as talk:
            try:
                talk.connect(str(self.socket))
            except OSError:
                return False
        return True

    def start(self, programs: Iterable[Program], environment: dict[str, str]) -> None:
        """Starts the supervisor, with no program running yet; a running one has to know the same programs.

        All of them get the `environment`. It is in no file: there are secrets in it, and the file has no way to write
        every text.
        """
        text = self._render(programs, environment)
        if self.is_running():
            if self._config.read_text() != text:
                raise Failure(
                    f"The stack {self._folder.stack} runs with other settings than these.",
                    "Run `rustok down` first, or leave the settings as they were.",
                )
            return
        self._config.touch(mode=0o600)
        self._config.write_text(text)
        self._log.unlink(missing_ok=True)  # restarts are counted in it, since the start
        done = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._config)],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            cwd=self._folder.run,
            env={**os.environ, **environment, leftovers.MARK: str(self._folder.root)},
        )
        deadline = time.monotonic() + 10
        while done.returncode == 0 and not self.is_running() and time.monotonic() < deadline:
            time.sleep(0.02)
        if not self.is_running():
            raise Failure(
                f"The supervisor did not start: {(done.stderr or done.stdout).strip() or 'it says nothing'}",
                f"Its log is {self._log}.",
            )

    def start_programs(self, names: Iterable[str]) -> None:
        """Starts those of them that do not run."""
        states = {state.name: state.state for state in self.states()}
        for name in names:
            if states.get(name) in NOT_RUNNING:
                self._ask("startProcess", name, False)

    def stop_programs(self, names: Iterable[str]) -> None:
        """Stops them all at once and waits until each has ended."""
        stopping = list(names)
        for name in stopping:
            try:
                self._ask("stopProcess", name, False)
            except Fault as fault:
                if "NOT_RUNNING" not in fault.faultString:
                    raise
        while any(state.name in stopping and state.state not in NOT_RUNNING for state in self.states()):
            time.sleep(0.05)  # ends in time: the supervisor kills what outlives its stopwaitsecs

    def shut_down(self) -> None:
        pid = int(self._ask("getPID"))
        self._ask("shutdown")
        while _is_alive(pid):
            time.sleep(0.02)

    def states(self) -> list[State]:
        """All programs; none when the supervisor does not run."""
        if not self.is_running():
            return []
        log = self._log.read_text(errors="replace") if self._log.is_file() else ""
        return [_state(info, log) for info in self._ask("getAllProcessInfo")]

    def _ask(self, method: str, *arguments: str | bool) -> Any:  # what XML-RPC answers has no type
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        with ServerProxy("http://localhost", transport=transport) as proxy:
            return getattr(cast("Any", proxy).supervisor, method)(*arguments)

    def _render(self, programs: Iterable[Program], environment: dict[str, str]) -> str:
        daemon = DAEMON.format(
            socket=self.socket,
            pidfile=self._folder.run / "supervisord.pid",
            logfile=self._log,
            logs=self._folder.logs,
            user=f"user = {self._folder.root.owner()}",
            environment=hashlib.sha256(json.dumps(environment, sort_keys=True).encode()).hexdigest(),
        )
        parts = [
            PROGRAM.format(
                name=program.name,
                command=_escape(" ".join(_quote(word) for word in program.command)),
                directory=program.directory,
                environment=_escape(_environment(program.environment)),
                stop_signal=program.stop_signal,
                stop_wait_s=program.stop_wait_s,
                stop_children_too=str(program.stop_children_too).lower(),
                log=self.log_of(program.name),
                user=f"user = {program.user.name}" if program.user and not program.user.is_caller else "",
            )
            for program in programs
        ]
        return "\n".join([daemon, *parts])


def _state(info: dict[str, Any], log: str) -> State:
    runs = info["statename"] in ("RUNNING", "STARTING", "STOPPING")
    return State(
        name=info["name"],
        state=info["statename"].lower(),
        pid=info["pid"] or None,
        started_at=datetime.fromtimestamp(info["start"], UTC) if runs else None,
        restarts=log.count(f"exited: {info['name']} ("),
    )


def _environment(values: Mapping[str, str]) -> str:
    return ",".join(f"{name}={_quote(value)}" for name, value in sorted(values.items()))


def _quote(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _escape(text: str) -> str:
    return text.replace("%", "%%")


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
