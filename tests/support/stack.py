"""Which servers do the tests run on?

A stack of their own, named `test` (or `test-NAME` when RUSTOK_STACK is NAME), on free ports, with fresh data. One that
runs already is used as it is and left running; one that was started for the tests is stopped after them.
"""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from ops.commands.status import document
from ops.commands.test import own_stack
from ops.local.supervisor import Supervisor
from ops.settings import PREFIX, Settings
from ops.stack_state import look
from tests.support import command_line

FOREIGN = ("POSTGRES_URL", "KAFKA_BOOTSTRAP", "OPENSEARCH_URL")


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack, and settings its commands are given `also`."""

    settings: Settings
    also: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What a child process needs to belong to this stack."""
        return {
            **os.environ,
            f"{PREFIX}HOME": str(self.settings.home),
            f"{PREFIX}STACK": self.settings.stack,
            **self.also,
        }

    def rustok(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Runs the command line of this stack to its end."""
        done = command_line.run(arguments, self.environment)
        if check and done.returncode != 0:
            raise AssertionError(f"rustok {' '.join(arguments)} gave {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def state(self) -> Any:
        """The document of `rustok status --json`, without a new process: for what is asked again and again."""
        return json.loads(document(look(self.settings, ask_ready=True)))

    def is_well(self) -> bool:
        return bool(self.state()["well"])

    def pid_of(self, program: str) -> int | None:
        """Of its process as the supervisor knows it; none when it does not run just now."""
        states = Supervisor(self.settings.folder).states()
        return next(state.pid for state in states if state.name == program)

    def kill(self, program: str) -> int | None:
        """Gives the pid that was killed with no time to do anything; none when nothing ran at that moment."""
        pid = self.pid_of(program)
        try:
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:  # it ended since the supervisor was asked
            return None
        return pid

    @contextmanager
    def without(self, *programs: str) -> Iterator[None]:
        """They are stopped for the block, and run again after it."""
        supervisor = Supervisor(self.settings.folder)
        supervisor.stop_programs(programs)
        try:
            yield
        finally:
            supervisor.start_programs(programs)


@contextmanager
def running_servers() -> Iterator[Stack]:
    """PostgreSQL, Kafka and OpenSearch, and perhaps more."""
    given = [f"{PREFIX}{name}" for name in FOREIGN if os.environ.get(f"{PREFIX}{name}")]
    if given:
        pytest.exit(f"The tests delete data, so they run on their own servers only: unset {', '.join(given)}.", 2)
    settings = Settings(stack=own_stack())
    was_running = Supervisor(settings.folder).is_running()
    if not was_running:
        Stack(settings).rustok("down", "--delete-data")
    try:
        Stack(settings).rustok("up", "--servers-only", "--free-ports")
        yield Stack(Settings(stack=settings.stack))
    finally:
        if not was_running:
            Stack(settings).rustok("down")
