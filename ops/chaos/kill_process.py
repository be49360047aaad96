"""Strikes a process by a signal to the pid its supervisor names, and waits until it works again."""

import contextlib
import os
import signal
import threading
import time
from typing import Final

from ops.chaos.kill_schedule import Blow
from ops.local.supervisor import Supervisor
from ops.settings import Settings
from ops.stack_state import look

_LOOK_EVERY_S: Final = 0.1
_GIVE_UP_S: Final = 120.0


class Striker:
    """Measures each recovery in a thread of its own, so that the next blow does not wait."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._supervisor = Supervisor(settings.folder)
        self._watching: list[threading.Thread] = []
        self.kills = 0
        self.recovered_s: dict[str, list[float]] = {}

    def strike(self, blow: Blow) -> None:
        """What is down already is left alone."""
        state = next((each for each in self._supervisor.states() if each.name == blow.target), None)
        if state is None or state.pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if blow.action == "freeze":
                self._freeze(state.pid, blow.lasts_s)
                return
            if blow.action == "kill":
                os.kill(state.pid, signal.SIGKILL)
                self.kills += 1
            struck = self._watch if blow.action == "kill" else self._restart
            watching = threading.Thread(target=struck, args=(blow.target, time.time()), daemon=True)
            watching.start()
            self._watching.append(watching)

    def finish(self) -> None:
        for watching in self._watching:
            watching.join()

    def _freeze(self, pid: int, seconds: float) -> None:
        os.killpg(os.getpgid(pid), signal.SIGSTOP)
        thawing = threading.Timer(seconds, _thaw, (os.getpgid(pid),))
        thawing.start()
        self._watching.append(thawing)

    def _restart(self, name: str, struck_at: float) -> None:
        """As an operator does it, each with its own signal: PostgreSQL would wait for its clients at SIGTERM."""
        self._supervisor.stop_programs([name])
        self._supervisor.start_programs([name])
        self._watch(name, struck_at)

    def _watch(self, name: str, struck_at: float) -> None:
        while time.time() - struck_at < _GIVE_UP_S:
            if self._has_progressed(name, struck_at):
                self.recovered_s.setdefault(name, []).append(time.time() - struck_at)
                return
            time.sleep(_LOOK_EVERY_S)

    def _has_progressed(self, name: str, since: float) -> bool:
        """It works again, and what it says of itself is younger than the blow."""
        state = look(self._settings)
        process = next(each for each in state.processes if each.name == name)
        if process.state != "up" or process.uptime_s is None or process.uptime_s > time.time() - since:
            return False
        moments = {"capture": state.capture.as_of} | {f"feed-{model.name}": model.as_of for model in state.read_models}
        moment = moments.get(name)
        return name not in moments or (moment is not None and moment.timestamp() >= since)


def _thaw(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGCONT)
