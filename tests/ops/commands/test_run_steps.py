"""Steps in lanes: what each says is whole, the first red ends all, and nothing is left running."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from ops.commands.run_steps import Lane, Step, SuiteResult, run
from tests.support.waiting import wait_until

#: Waits for a file to be there, and says lines before and after.
WAITS = """
import pathlib, sys, time
print("waiting"); sys.stdout.flush()
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.01)
print("waited")
"""
SAYS = """
import os, pathlib, sys
print(os.environ["RUSTOK_STACK"])
print("2 passed in 1s")
pathlib.Path(sys.argv[1]).touch()
"""
FAILS = "print('1 failed in 1s'); raise SystemExit(1)"
STAYS = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(300)"


def step(name: str, script: str, *arguments: object, is_pytest: bool = False) -> Step:
    return Step(name, (sys.executable, "-c", script, *map(str, arguments)), is_pytest=is_pytest)


def ran(lanes: Sequence[Lane]) -> SuiteResult:
    result = SuiteResult()
    run(lanes, result, Console(stderr=True, width=80))
    return result


def test_lanes_run_at_once_and_what_each_says_is_in_one_piece(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = tmp_path / "done"  # the first waits for what the second does
    first = Lane("test", [step("live", WAITS, done)])
    second = Lane("test-servers", [step("aside", SAYS, done, is_pytest=True)])

    result = ran([first, second])

    said = [line.rstrip(" ─") for line in capfd.readouterr().err.splitlines()]
    at = said.index("aside")
    assert said[at : at + 3] == ["aside", "test-servers", "2 passed in 1s"]
    assert [line for line in said if line in ("live", "waiting", "waited")] == ["live", "waiting", "waited"]
    assert (result.red, result.ended, result.tests["passed"]) == (None, {"live", "aside"}, 2)


@pytest.mark.parametrize("red_is_live", [True, False])
def test_the_first_red_ends_what_runs_beside_it_and_begins_nothing_more(tmp_path: Path, red_is_live: bool) -> None:
    begun, never = tmp_path / "begun", tmp_path / "never"
    red = Lane("test", [step("waits", WAITS, begun), step("red", FAILS, is_pytest=True), step("after", SAYS, never)])
    other = Lane("test-servers", [step("ended", STAYS, begun), step("after that", SAYS, never)])

    result = ran([red, other] if red_is_live else [other, red])

    assert (result.red, result.ended, result.tests["failed"]) == ("red", {"waits", "red"}, 1)
    assert not never.exists()


def test_a_step_that_cannot_be_begun_ends_the_other_and_is_told(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    lanes = [
        Lane("test", [step("waits", WAITS, begun), Step("nobody's", ("/no/such/program",))]),
        Lane("test-servers", [step("ended", STAYS, begun)]),
    ]

    with pytest.raises(FileNotFoundError):
        ran(lanes)


#: Who runs something in the background has it ignore Ctrl-C.
CALLED_OFF = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from rich.console import Console
from ops.commands.run_steps import Lane, Step, SuiteResult, run
stays = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(300)"
lanes = [Lane("test", [Step(name, (sys.executable, "-c", stays, sys.argv[1] + name))]) for name in ("a", "b")]
run(lanes, SuiteResult(), Console(stderr=True))
"""


def test_who_calls_it_off_ends_both_lanes(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a", "b")]
    with subprocess.Popen([sys.executable, "-c", CALLED_OFF, f"{tmp_path}/"], stderr=subprocess.DEVNULL) as running:
        wait_until(lambda: all(file.exists() and file.read_text() for file in files), 30, "both lanes run")

        running.send_signal(signal.SIGINT)

        assert running.wait(30) != 0
    for file in files:
        with pytest.raises(ProcessLookupError):
            os.kill(int(file.read_text()), 0)
