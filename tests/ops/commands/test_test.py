"""What `rustok test` says at the end: the sum of all tests, in pytest's words. And that it leaves nothing behind."""

import subprocess
from collections import Counter

import pytest

from ops.commands.run_steps import Lane, counted, interrupt
from ops.commands.test import CHAIN, STACK, UNIT, lanes, own_stack, selected, steps, total


def test_the_counts_are_read_from_pytests_last_line() -> None:
    said = "....\n12 passed, 1 skipped, 3 deselected, 2 errors in 0.51s\n"

    assert counted(said) == Counter({"passed": 12, "skipped": 1, "deselected": 3, "error": 2})


def test_the_total_looks_like_a_line_of_pytest() -> None:
    tests = counted("1 failed, 2 passed in 1.00s") + counted("40 passed, 9 deselected in 12.00s")

    assert total(tests, 61.234) == "1 failed, 42 passed in 61.23s"


def test_no_tests_is_said_too() -> None:
    assert total(Counter(), 0.5) == "no tests ran in 0.50s"


def test_slow_tests_are_a_step_of_their_own_and_in_no_other() -> None:
    marks = {step.command[step.command.index("-m", 3) + 1]: step.is_slow for step in steps("", ()) if step.is_pytest}

    assert [mark for mark, is_slow in marks.items() if is_slow] == ["slow"]
    assert all("not slow" in mark for mark, is_slow in marks.items() if not is_slow and mark != "first_run")


def test_the_first_run_comes_before_everything_else_and_in_no_inner_loop() -> None:
    whole = selected("", (), fast=False, slow=False)
    inner_loops = (
        selected("", (), fast=True, slow=False),
        selected("orders", (), fast=False, slow=False),
        selected("", ("tests/api",), fast=False, slow=True),
    )

    assert [step.name for step in whole if step.is_first_run] == ["first run"] == [whole[0].name]
    assert not any(step.is_first_run for steps in inner_loops for step in steps)
    unit = next(step for step in whole if step.name == "unit tests")
    assert "not first_run" in unit.command[-1]


def test_what_a_step_started_ends_with_it() -> None:
    script = "trap 'exit 0' INT; sleep 300 & echo started; wait"
    with subprocess.Popen(("bash", "-c", script), stdout=subprocess.PIPE, text=True, start_new_session=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "started\n"

        interrupt(running)

        assert running.stdout.read() == ""  # nobody is left who could write


def test_the_first_run_is_beside_what_needs_no_servers_and_all_else_comes_one_after_another_on_one_stack() -> None:
    wanted = selected("", (), fast=False, slow=True)

    quick, *others = lanes(wanted, at_once=False)

    assert quick[0].steps[-1].name == UNIT
    assert [step.name for step in quick[1].steps] == ["first run"]
    assert not any(step.needs_servers for lane in quick for step in lane.steps)
    assert others == [[Lane(own_stack(), [step])] for step in wanted if step.needs_servers]


def test_at_once_the_chain_has_beside_it_what_needs_servers_with_a_stack_of_its_own() -> None:
    wanted = selected("", (), fast=False, slow=True)

    _, served, slow = lanes(wanted, at_once=True)

    assert [[step.name for step in lane.steps] for lane in served] == [
        [STACK, CHAIN],
        ["test servers", "on real servers"],
    ]
    assert [lane.stack for lane in served] == [own_stack(), f"{own_stack()}-servers"]
    assert [[step.name for step in lane.steps] for lane in slow] == [["the slow ones"]]


@pytest.mark.parametrize("at_once", [True, False])
def test_the_fast_ones_are_one_lane(at_once: bool) -> None:
    wanted = selected("", (), fast=True, slow=False)

    assert lanes(wanted, at_once=at_once) == [[Lane(own_stack(), wanted)]]
