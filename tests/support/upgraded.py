"""How does a test deploy another version of the code? It copies the project, edits the copy, and runs processes of it
in the place of the stack's own, one after the other, as an operator would.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.home import project_root
from ops.local.supervision import Supervisor
from ops.processes import PROCESSES, Process
from ops.watching import works
from tests.support.stack import Stack
from tests.support.waiting import wait_until

ROOMS = ("api", "ops", "schemas", "sinks", "streams", "tests/golden")
DEADLINE_S = 40


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A copy of the code in `folder`, with the data and the servers of `stack`."""

    folder: Path
    stack: Stack

    @classmethod
    def copy(cls, folder: Path, stack: Stack) -> "Upgraded":
        for room in ROOMS:
            shutil.copytree(project_root() / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(project_root() / "pyproject.toml", folder)
        return cls(folder, stack)

    @property
    def environment(self) -> dict[str, str]:
        return {**self.stack.environment, "PYTHONPATH": str(self.folder)}

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.folder / path
        text = file.read_text()
        assert text.count(old) == 1, f"{path} has {old!r} {text.count(old)} times"
        file.write_text(text.replace(old, new))

    def rustok(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Runs the command line of the copy to its end: in its folder, which comes first when Python looks for code."""
        done = subprocess.run(
            [sys.executable, "-m", "ops.cli", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert not check or done.returncode == 0, f"{arguments} gave {done.returncode}:\n{done.stdout}{done.stderr}"
        return done

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """The copy's process instead of the stack's own, which runs again afterwards."""
        process = next(each for each in PROCESSES if each.name == name)
        supervisor = Supervisor(self.stack.settings.folder)
        supervisor.stop_programs([name])
        try:
            with self._started(process):
                yield
        finally:
            supervisor.start_programs([name])
            self._wait_for(process)

    @contextmanager
    def _started(self, process: Process) -> Iterator[None]:
        command = [sys.executable, "-m", "ops.cli", *process.command]
        with (self.folder / f"{process.name}.log").open("ab") as log:
            running = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            self._wait_for(process)
            assert running.poll() is None, f"{process.name} ended: {(self.folder / f'{process.name}.log').read_text()}"
            yield
        finally:
            _end(running)

    def _wait_for(self, process: Process) -> None:
        wait_until(lambda: works(process, self.stack.settings), DEADLINE_S, f"{process.name} works")


def _end(running: "subprocess.Popen[bytes]") -> None:
    running.terminate()
    try:
        running.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
