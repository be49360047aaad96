"""Defines `rustok test`: all checks and tests, from the quick to the slow; it stops at the first red.

First what a newcomer does first: a clone is installed and run on a machine that has nothing but Python. Then from the
quick checks to the slow: format, lint, types, layers, the contracts of the events, then the tests alone, on real
servers, and through the whole chain. Who asks for some tests only, or only the fast ones, is spared the first run. It
stops at the first red. The last line is the sum of all tests, as pytest
writes it.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console

from ops.home import project_root
from ops.local.supervisor import Supervisor
from ops.settings import PREFIX, Settings

NO_TESTS_CHOSEN = 5
MOMENT_S = 30.0
FRESH = "fresh data"
COVERAGE = "coverage"
COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?)")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    command: tuple[str, ...]
    is_pytest: bool = False
    needs_servers: bool = False
    is_slow: bool = False
    is_first_run: bool = False


@dataclass(slots=True)
class SuiteResult:
    """What happened so far."""

    lines: list[str] = field(default_factory=list)
    tests: Counter[str] = field(default_factory=Counter)
    is_red: bool = False


def steps(chosen: str, paths: tuple[str, ...], *, covered: bool = False) -> tuple[Step, ...]:
    python = sys.executable
    asked = ("pytest", "-q", *(("-k", chosen) if chosen else ()), *paths)
    tests, unit = (python, "-m", *asked), "not servers and not chain and not slow and not first_run"
    data = str(Settings().home / COVERAGE)
    measured = (python, "-m", "coverage", "run", f"--data-file={data}", "-m", *asked)
    return (
        Step("first run", (*tests, "-m", "first_run"), is_pytest=True, is_first_run=True),
        Step("format", (python, "-m", "ruff", "format", "--check", ".")),
        Step("lint", (python, "-m", "ruff", "check", ".")),
        Step("types", (python, "-m", "mypy")),
        Step("layers", (str(Path(python).with_name("lint-imports")),)),
        Step("contracts", (python, "-m", "ops.cli", "schemas", "check")),
        Step("unit tests", (*(measured if covered else tests), "-m", unit), is_pytest=True),
        *((Step("coverage", (python, "-m", "ops.coverage_floors", data)),) if covered else ()),
        Step("test servers", (python, "-m", "ops.cli", "up", "--servers-only", "--free-ports"), needs_servers=True),
        Step(
            "on real servers", (*tests, "-m", "servers and not chain and not slow"), is_pytest=True, needs_servers=True
        ),
        # The tests before wrote to tables that no capture read; what the chain's accounts count begins anew.
        Step(FRESH, (python, "-m", "ops.cli", "down", "--delete-data"), needs_servers=True),
        Step("the whole chain", (*tests, "-m", "chain and not slow"), is_pytest=True, needs_servers=True),
        Step("the slow ones", (*tests, "-m", "slow"), is_pytest=True, needs_servers=True, is_slow=True),
    )


def selected(chosen: str, paths: tuple[str, ...], *, fast: bool, slow: bool, coverage: bool = False) -> list[Step]:
    is_whole = not (fast or chosen or paths)
    return [
        step
        for step in steps(chosen, paths, covered=coverage)
        if not (fast and step.needs_servers) and (slow or not step.is_slow) and (is_whole or not step.is_first_run)
    ]


@click.command()
@click.option("--fast", is_flag=True, help="Leave out what needs servers.")
@click.option("--slow", is_flag=True, help="Run also what takes minutes or fetches much, like the proof with Debezium.")
@click.option("--coverage", is_flag=True, help="Also: how much of each room the unit tests run; red below its floor.")
@click.option("-k", "chosen", default="", metavar="EXPRESSION", help="Only tests whose names match, as for pytest.")
@click.argument("paths", nargs=-1)
@click.pass_context
def test(
    context: click.Context, *, fast: bool, slow: bool, coverage: bool, chosen: str, paths: tuple[str, ...]
) -> None:
    """Run all checks and tests, or the tests in PATHS.

    The tests have servers of their own, started here and stopped again.
    """
    console = Console(stderr=True, highlight=False)
    began = time.monotonic()
    outcome = SuiteResult()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a build that is called off ends its servers too
    if coverage and (chosen or paths):
        raise click.UsageError("The floors are those of all unit tests: leave out -k and paths.")
    wanted = selected(chosen, paths, fast=fast, slow=slow, coverage=coverage)
    if Supervisor(Settings(stack=own_stack()).folder).is_running():  # somebody's to keep
        wanted = [step for step in wanted if step.name != FRESH]
    with _servers_end_with_us() if any(step.needs_servers for step in wanted) else _nothing():
        for step in wanted:
            _run(step, outcome, console)
            if outcome.is_red:
                break
    console.rule()
    for line in outcome.lines:
        console.print(line)
    for step in wanted[len(outcome.lines) :]:
        console.print(f"[dim]– {step.name}: not run[/]")
    click.echo(total(outcome.tests, time.monotonic() - began))
    context.exit(1 if outcome.is_red else 0)


def total(tests: Counter[str], seconds: float) -> str:
    """The last line, as pytest writes it."""
    counts = [f"{count} {word}" for word, count in tests.items() if count and word != "deselected"]
    return f"{', '.join(counts) or 'no tests ran'} in {seconds:.2f}s"


def counted(output: str) -> Counter[str]:
    """How many tests passed, failed and so on, by pytest's last line."""
    last = next((line for line in reversed(output.splitlines()) if COUNT.search(line) and " in " in line), "")
    return Counter({word.removesuffix("s") if word == "errors" else word: int(n) for n, word in COUNT.findall(last)})


def own_stack() -> str:
    """The tests' own stack, `test` or `test-NAME` when RUSTOK_STACK is NAME: never the one a person works with."""
    given = os.environ.get(f"{PREFIX}STACK", "")
    return given if given.startswith("test") else f"test-{given}".removesuffix("-")


@contextmanager
def _servers_end_with_us() -> Iterator[None]:
    """Fresh data for the tests, and nothing left running; a test stack that runs already is somebody's to keep."""
    was_running = Supervisor(Settings(stack=own_stack()).folder).is_running()
    try:
        if not was_running:
            _rustok("down", "--delete-data")
        yield
    finally:
        if not was_running:
            _rustok("down")


def _rustok(*arguments: str) -> None:
    command = [sys.executable, "-m", "ops.cli", *arguments]
    subprocess.run(command, env=_environment(), check=False, stderr=subprocess.DEVNULL)


def _environment() -> dict[str, str]:
    return {**os.environ, f"{PREFIX}STACK": own_stack()}


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _run(step: Step, outcome: SuiteResult, console: Console) -> None:
    console.rule(f"[bold]{step.name}", align="left")
    began = time.monotonic()
    said: list[str] = []
    with subprocess.Popen(
        step.command,
        cwd=project_root(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        env=_environment(),
        start_new_session=True,
    ) as running:
        try:
            for line in running.stdout or ():
                click.echo(line, nl=False, err=True)
                said.append(COLOUR.sub("", line))
        except KeyboardInterrupt:
            interrupt(running)
            raise
    is_fine = running.returncode == 0 or (step.is_pytest and running.returncode == NO_TESTS_CHOSEN)
    tests = counted("".join(said)) if step.is_pytest else Counter()
    outcome.tests += tests
    outcome.is_red = not is_fine
    sign = "[green]✓[/]" if is_fine else "[red]✗[/]"
    what = f"{sum(n for word, n in tests.items() if word in ('passed', 'failed', 'error'))} tests" if tests else ""
    outcome.lines.append(f"{sign} {step.name:<18} {what:<12} {time.monotonic() - began:6.1f} s")


def interrupt(running: "subprocess.Popen[str]") -> None:
    """It has a moment to put things away; after that it ends with all that it started."""
    running.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        running.wait(MOMENT_S)
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
