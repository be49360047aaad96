"""Runs the steps of the tests in lanes: those of a lane one after another, the lanes at once, each with a stack of its
own.

What a step of the first lane says is shown as it is said, that of another in one piece when the step has ended. The
first red step ends all that run beside it.
"""

import os
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import click
from rich.console import Console

from ops.home import project_root
from ops.settings import PREFIX

NO_TESTS_CHOSEN: Final = 5
MOMENT_S: Final = 30.0
_COUNT: Final = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?)")
#: Servers of tests live for minutes: half of the processor time of their start is the compiler that pays off later.
_STARTS_SOON: Final = "-XX:TieredStopAtLevel=1"
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_Process = subprocess.Popen[str]


@dataclass(frozen=True, slots=True)
class Step:
    """`beside` the whole chain it may run, with a stack of its own; `only_whole`: not when some tests are chosen."""

    name: str
    command: tuple[str, ...]
    is_pytest: bool = False
    needs_servers: bool = False
    is_slow: bool = False
    is_first_run: bool = False
    only_whole: bool = False
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """Steps one after another, with this stack."""

    stack: str
    steps: Sequence[Step]


@dataclass(slots=True)
class SuiteResult:
    """What happened so far; `red` is the step that was red first."""

    lines: list[str] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    tests: Counter[str] = field(default_factory=Counter)
    red: str | None = None


def run(lanes: Sequence[Lane], result: SuiteResult, console: Console) -> None:
    """Returns when all have ended; an interrupt ends them first, and goes on."""
    _Run(result, console).run(lanes)


def counted(output: str) -> Counter[str]:
    """How many tests passed, failed and so on, by pytest's last line."""
    last = next((line for line in reversed(output.splitlines()) if _COUNT.search(line) and " in " in line), "")
    return Counter({word.removesuffix("s") if word == "errors" else word: int(n) for n, word in _COUNT.findall(last)})


def interrupt(running: _Process) -> None:
    """It has a moment to put things away; after that it ends with all that it started."""
    running.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        running.wait(MOMENT_S)
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)


class _Run:
    def __init__(self, result: SuiteResult, console: Console) -> None:
        self._result = result
        self._console = console
        self._lock = threading.Lock()
        self._running: dict[str, _Process] = {}
        self._is_over = False

    def run(self, lanes: Sequence[Lane]) -> None:
        with ThreadPoolExecutor(len(lanes)) as threads:
            following = [threads.submit(self._follow, lane, lane is lanes[0]) for lane in lanes]
            try:
                wait(following)
            except KeyboardInterrupt:
                self._end_all()
                raise
            for one in following:
                one.result()

    def _follow(self, lane: Lane, is_live: bool) -> None:
        is_fine = False
        try:
            is_fine = all(self._do(step, lane.stack, is_live) for step in lane.steps)
        finally:
            if not is_fine:
                self._end_all()

    def _do(self, step: Step, stack: str, is_live: bool) -> bool:
        """Whether to go on."""
        began = time.monotonic()
        running = self._begin(step, stack)
        if running is None:
            return False
        if is_live:
            self._show(step, [])
        said: list[str] = []
        with running:
            for line in running.stdout or ():
                said.append(line)
                if is_live:
                    self._show(None, [line])
        if not is_live:
            self._show(step, said)
        return self._note(step, running.returncode, _COLOUR.sub("", "".join(said)), time.monotonic() - began)

    def _begin(self, step: Step, stack: str) -> _Process | None:
        with self._lock:
            if self._is_over:
                return None
            self._running[step.name] = running = subprocess.Popen(
                step.command,
                cwd=project_root(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                text=True,
                errors="replace",
                env={"JAVA_TOOL_OPTIONS": _STARTS_SOON, **os.environ, f"{PREFIX}STACK": stack},
                start_new_session=True,
            )
            return running

    def _show(self, step: Step | None, lines: Sequence[str]) -> None:
        """Nothing comes between."""
        with self._lock:
            if step is not None:
                self._console.rule(f"[bold]{step.name}", align="left")
            for line in lines:
                click.echo(line, nl=False, err=True)

    def _note(self, step: Step, code: int, said: str, seconds: float) -> bool:
        is_fine = code == 0 or (step.is_pytest and code == NO_TESTS_CHOSEN)
        tests = counted(said) if step.is_pytest else Counter[str]()
        number = sum(n for word, n in tests.items() if word in ("passed", "failed", "error"))
        with self._lock:
            del self._running[step.name]
            if self._is_over and not is_fine:
                return False  # it was ended by another
            result = self._result
            result.tests += tests
            result.ended.add(step.name)
            if not is_fine:
                result.red = result.red or step.name
            sign, what = "[green]✓[/]" if is_fine else "[red]✗[/]", f"{number} tests" if tests else ""
            result.lines.append(f"{sign} {step.name:<18} {what:<12} {seconds:6.1f} s")
        return is_fine

    def _end_all(self) -> None:
        with self._lock:
            self._is_over = True
            running = list(self._running.values())
        for one in running:
            interrupt(one)
