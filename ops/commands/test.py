"""Defines `rustok test`: all checks and tests, from the quick to the slow; it stops at the first red.

First what needs no servers: format, lint, types, layers, the contracts of the events and the unit tests, beside what a
newcomer does first: a clone is installed and run on a machine that has nothing but Python. Then the tests on real
servers beside those through the whole chain, each with servers of their own; one after the other on one stack, where
somebody keeps it running or asks for some tests only. Who asks for some, or only the fast ones, is spared the first
run. The last line is the sum of all tests, as pytest writes it.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from ops.commands.run_steps import Lane, Step, SuiteResult, run
from ops.local.supervisor import Supervisor
from ops.settings import PREFIX, Settings

FRESH = "fresh data"
COVERAGE = "coverage"
UNIT = "unit tests"
STACK = "test stack"
CHAIN = "the whole chain"
CORES = "2"  # processes of the unit tests: they beside the first run, on the smallest machine


def steps(chosen: str, paths: tuple[str, ...], *, covered: bool = False) -> tuple[Step, ...]:
    python = sys.executable
    asked = ("pytest", "-q", *(("-k", chosen) if chosen else ()), *paths)
    tests, unit = (python, "-m", *asked), "not servers and not chain and not slow and not first_run"
    data = str(Settings().home / COVERAGE)
    alone = (python, "-m", "coverage", "run", f"--data-file={data}", "-m", *asked) if covered else (*tests, "-n", CORES)
    return (
        Step("first run", (*tests, "-m", "first_run"), is_pytest=True, is_first_run=True, only_whole=True),
        Step("format", (python, "-m", "ruff", "format", "--check", ".")),
        Step("lint", (python, "-m", "ruff", "check", ".")),
        Step("types", (python, "-m", "mypy")),
        Step("layers", (str(Path(python).with_name("lint-imports")),)),
        Step("contracts", (python, "-m", "ops.cli", "schemas", "check", "--alone")),
        Step(UNIT, (*alone, "-m", unit), is_pytest=True),
        *((Step("coverage", (python, "-m", "ops.coverage_floors", data)),) if covered else ()),
        Step(
            "test servers",
            (python, "-m", "ops.cli", "up", "--servers-only", "--free-ports"),
            needs_servers=True,
            beside=True,
        ),
        Step(
            "on real servers",
            (*tests, "-m", "servers and not chain and not slow"),
            is_pytest=True,
            needs_servers=True,
            beside=True,
        ),
        # The tests before wrote to tables that no capture read; what the chain's accounts count begins anew.
        Step(FRESH, (python, "-m", "ops.cli", "down", "--delete-data"), needs_servers=True, beside=True),
        # Not by the first test: two stacks that start beside one another take longer than a test may.
        Step(STACK, (python, "-m", "ops.cli", "up", "--free-ports"), needs_servers=True, only_whole=True),
        Step(CHAIN, (*tests, "-m", "chain and not slow"), is_pytest=True, needs_servers=True),
        Step("the slow ones", (*tests, "-m", "slow"), is_pytest=True, needs_servers=True, is_slow=True),
    )


def selected(chosen: str, paths: tuple[str, ...], *, fast: bool, slow: bool, coverage: bool = False) -> list[Step]:
    is_whole = not (fast or chosen or paths)
    return [
        step
        for step in steps(chosen, paths, covered=coverage)
        if not (fast and step.needs_servers) and (slow or not step.is_slow) and (is_whole or not step.only_whole)
    ]


def lanes(wanted: Sequence[Step], *, at_once: bool) -> list[list[Lane]]:
    """What runs after another; of each the lanes that run beside one another: always what needs no servers beside the
    first run, and `at_once` the chain's tests beside those on real servers, which have a stack of their own.
    """
    own, aside = own_stack(), f"{own_stack()}-servers"
    quick = [step for step in wanted if not (step.needs_servers or step.is_first_run)]
    first_run = [step for step in wanted if step.is_first_run]
    served = [step for step in wanted if step.needs_servers and not step.is_slow]
    slow = [step for step in wanted if step.is_slow]
    stages: list[tuple[list[Step], list[Step]]] = [(quick, first_run)]
    if at_once:
        chain = [step for step in served if not step.beside]
        stages.append((chain, [step for step in served if step.beside and step.name != FRESH]))
    else:
        stages += [([step], []) for step in served]
    stages.append((slow, []))
    return [
        [lane for lane in (Lane(own, live), Lane(aside, beside)) if lane.steps]
        for live, beside in stages
        if live or beside
    ]


@click.command()
@click.option("--fast", is_flag=True, help="Leave out what needs servers.")
@click.option("--slow", is_flag=True, help="Run also what takes minutes or fetches much, like the proof with Debezium.")
@click.option("--coverage", is_flag=True, help="Also: how much of each room the unit tests run; red below its floor.")
@click.option("-k", "chosen", default="", metavar="EXPRESSION", help="Only tests whose names match, as for pytest.")
@click.argument("paths", nargs=-1)
@click.pass_context
def test(
    context: click.Context,
    *,
    fast: bool,
    slow: bool,
    coverage: bool,
    chosen: str,
    paths: tuple[str, ...],
) -> None:
    """Run all checks and tests, or the tests in PATHS.

    The tests have servers of their own, started here and stopped again.
    """
    console = Console(stderr=True, highlight=False)
    began = time.monotonic()
    result = SuiteResult()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a build that is called off ends its servers too
    if coverage and (chosen or paths):
        raise click.UsageError("The floors are those of all unit tests: leave out -k and paths.")
    wanted = selected(chosen, paths, fast=fast, slow=slow, coverage=coverage)
    is_kept = _is_kept(own_stack())
    if is_kept:
        wanted = [step for step in wanted if step.name != FRESH]
    groups = lanes(wanted, at_once=not (is_kept or fast or chosen or paths))
    stacks = {lane.stack for group in groups for lane in group if any(step.needs_servers for step in lane.steps)}
    with _servers_end_with_us(stacks):
        for group in groups:
            run(group, result, console)
            if result.red:
                break
    console.rule()
    for line in result.lines:
        console.print(line)
    for step in (step for group in groups for lane in group for step in lane.steps):
        if step.name not in result.ended:
            console.print(f"[dim]– {step.name}: not run to its end[/]")
    if result.red:
        console.print(f"[red]✗ {result.red}[/] was red first")
    click.echo(total(result.tests, time.monotonic() - began))
    context.exit(1 if result.red else 0)


def total(tests: Counter[str], seconds: float) -> str:
    """The last line, as pytest writes it."""
    counts = [f"{count} {word}" for word, count in tests.items() if count and word != "deselected"]
    return f"{', '.join(counts) or 'no tests ran'} in {seconds:.2f}s"


def own_stack() -> str:
    """The tests' own stack, `test` or `test-NAME` when RUSTOK_STACK is NAME: never the one a person works with."""
    given = os.environ.get(f"{PREFIX}STACK", "")
    return given if given.startswith("test") else f"test-{given}".removesuffix("-")


def _is_kept(stack: str) -> bool:
    """A test stack that runs already is somebody's to keep."""
    return Supervisor(Settings(stack=stack).folder).is_running()


@contextmanager
def _servers_end_with_us(stacks: set[str]) -> Iterator[None]:
    """Fresh data for the tests, and nothing left running."""
    ours = [stack for stack in sorted(stacks) if not _is_kept(stack)]
    try:
        for stack in ours:
            _rustok(stack, "down", "--delete-data")
        yield
    finally:
        for stack in ours:
            _rustok(stack, "down")


def _rustok(stack: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "ops.cli", *arguments]
    environment = {**os.environ, f"{PREFIX}STACK": stack}
    subprocess.run(command, env=environment, check=False, stderr=subprocess.DEVNULL)
