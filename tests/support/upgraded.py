"""How does a test deploy another version of the code? It runs processes of a copy in the place of the stack's own, one
after the other, as an operator would.
"""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ops.local.supervisor import Supervisor
from ops.process_health import works
from ops.processes import Process, all_processes
from tests.support.copies import Copy
from tests.support.stack import Stack
from tests.support.waiting import wait_until

DEADLINE_S = 40


@dataclass(frozen=True, slots=True)
class Upgraded:
    """Another code, with the data and the servers of `stack`."""

    code: Copy
    stack: Stack

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """The copy's process instead of the stack's own, which runs again afterwards."""
        process = next(each for each in all_processes() if each.name == name)
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
        log = self.code.folder / f"{process.name}.log"
        with ended(self.code.started(*process.command, log=log)) as running:
            self._wait_for(process)
            assert running.poll() is None, f"{process.name} ended: {log.read_text()}"
            yield

    def _wait_for(self, process: Process) -> None:
        wait_until(lambda: works(process, self.stack.settings), DEADLINE_S, f"{process.name} works")


@contextmanager
def ended(running: "subprocess.Popen[bytes]") -> "Iterator[subprocess.Popen[bytes]]":
    """It runs for the block, and is ended after it."""
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
