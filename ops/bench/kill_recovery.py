"""Times how long after `kill -9` something goes on: until its first progress, which is more than that it runs.

The capture and the feeds go on when what they vouch for (`as_of`) is later than before, the API and the others when
they answer. After a server, all of the chain has to move past the moment of the kill.
"""

import os
import signal
import time
from collections.abc import Callable
from typing import Final

from ops import process_health
from ops.failure import Failure
from ops.local.supervisor import Supervisor
from ops.processes import Process, all_processes
from ops.settings import Settings

LOOK_EVERY_S: Final = 0.02
DEADLINE_S: Final = 120.0

#: So long a process has run before it is killed: one that ends earlier would have to wait for its next start.
SETTLED_S: Final = 2.0


def kill(settings: Settings, name: str) -> float:
    """Kills the server or process with all its children, and gives the seconds until it went on."""
    supervisor = Supervisor(settings.folder)
    pid = _settled(settings, supervisor, name)
    process = next((each for each in all_processes() if each.name == name), None)
    before = {each.name: as_of(each, settings) for each in _chain()}
    killed_at, now = time.monotonic(), time.time()
    os.killpg(pid, signal.SIGKILL)
    _wait(lambda: _pid(supervisor, name) not in (pid, None), f"{name} to be started again")

    def goes_on() -> bool:
        if process is None:
            return all(as_of(each, settings) > now for each in _chain())
        if process in _chain():
            return as_of(process, settings) > before[name]
        return process_health.works(process, settings)

    return _wait(goes_on, f"{name} to go on") - killed_at


def _chain() -> tuple[Process, ...]:
    """Those that say how far they have come."""
    return tuple(process for process in all_processes() if process.works_when.endswith("as_of_timestamp_seconds"))


def as_of(process: Process, settings: Settings) -> float:
    """What it vouches for; 0 while it says nothing."""
    return max(
        (one.value(process.works_when) or 0.0 for one in process_health.instances(process, settings)), default=0.0
    )


def _settled(settings: Settings, supervisor: Supervisor, name: str) -> int:
    """Its pid, when all of the chain works and it has run for a while."""

    def chain_works() -> bool:
        return all(process_health.works(each, settings) for each in all_processes())

    def runs() -> bool:
        states = [state for state in supervisor.states() if state.name == name]
        return any(state.started_at and time.time() - state.started_at.timestamp() > SETTLED_S for state in states)

    _wait(lambda: runs() and chain_works(), f"{name} and the chain to work before the kill")
    pid = _pid(supervisor, name)
    if pid is None:
        raise Failure(f"{name} does not run.", "Start everything with `rustok up`.")
    return pid


def _pid(supervisor: Supervisor, name: str) -> int | None:
    return next((state.pid for state in supervisor.states() if state.name == name), None)


def _wait(condition: Callable[[], bool], what: str) -> float:
    """The moment it was first seen to hold."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"Waited {DEADLINE_S:.0f} s for {what}.", "`rustok status` shows what is down.")
        time.sleep(LOOK_EVERY_S)
    return time.monotonic()
