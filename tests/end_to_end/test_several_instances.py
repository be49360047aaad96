"""None, one, two and three of the same: seen for what they are, replaced when they are gone, restarted one by one."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ops.local.supervisor import Supervisor
from tests.support.instances import another, instance, instances, process_named, works
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chain, pytest.mark.timeout(300)]

SHARED = ("capture", "feed-product-search", "feed-sales", "dead-letters", "scheduler")


@pytest.fixture
def without(stack: Stack) -> Iterator[list[str]]:
    """Names added here do not run of the stack's own; afterwards they do again."""
    stopped: list[str] = []
    yield stopped
    Supervisor(stack.settings.folder).start_programs(stopped)
    for name in stopped:
        wait_until(lambda name=name: stack_own_works(stack, name), 60, f"{name} works again")


def test_two_and_three_of_everything_are_seen_and_well(stack: Stack, tmp_path: Path) -> None:
    with ExitStack() as others:
        for name in SHARED:
            others.enter_context(another(stack, name, tmp_path / f"{name}.log"))
        two = wait_until(lambda: well(stack), 30, "two of each are well")
        for name in SHARED:
            others.enter_context(another(stack, name, tmp_path / f"{name}-3.log"))
        three = wait_until(lambda: well(stack), 30, "three of each are well")
        before = freshness(three)
        wait_until(lambda: later(freshness(status(stack)), before), 30, "both read models go on getting fresher")

    assert states(two, "capture") == ["standby", "up"]
    assert states(two, "feed-sales") == ["standby", "up"]
    assert states(two, "feed-product-search") == ["up", "up"]
    assert states(three, "capture") == ["standby", "standby", "up"]
    assert states(three, "feed-sales") == ["standby", "standby", "up"]
    assert states(three, "feed-product-search") == ["up", "up", "up"]
    assert two["capture"]["active"] is True
    one = wait_until(lambda: well(stack), 30, "one of each is well again")
    assert {tuple(states(one, name)) for name in SHARED} == {("up",)}


def test_of_none_nothing_is_up_and_nothing_is_vouched_for(stack: Stack, without: list[str]) -> None:
    without.append("feed-sales")

    Supervisor(stack.settings.folder).stop_programs(["feed-sales"])

    seen = status(stack)
    assert states(seen, "feed-sales") == ["down"]
    assert not seen["well"]
    assert freshness(seen)["sales"] is None


@pytest.mark.parametrize("name", ["capture", "feed-product-search", "feed-sales"])
def test_whoever_is_killed_is_replaced_by_the_one_beside_it(
    stack: Stack, tmp_path: Path, without: list[str], name: str
) -> None:
    without.append(name)

    with another(stack, name, tmp_path / "0.log") as first:
        Supervisor(stack.settings.folder).stop_programs([name])
        with another(stack, name, tmp_path / "1.log") as second:
            wait_until(lambda: is_up(stack, name, first.pid), 60, "the one that is to be killed works")
            first.kill()
            moment = time.time()
            wait_until(lambda: vouches_beyond(stack, name, second.pid, moment), 20, "the other goes on")
            seen = stack.state()

    assert states(seen, name) == ["down", "up"]  # the supervisor's own was stopped


def test_the_same_name_twice_is_refused_and_the_first_goes_on(stack: Stack, tmp_path: Path) -> None:
    with another(stack, "feed-product-search", tmp_path / "1.log") as first:
        own = instance(stack, "feed-product-search", first.pid)
        assert own is not None

        second = stack.rustok("streams", "feed", "product-search", "--instance", str(own.name), check=False)

        assert second.returncode == 2
        assert f"instance {own.name} of feed-product-search already" in second.stderr
        assert works(stack, "feed-product-search", first.pid)


def test_one_that_hangs_is_seen_and_its_partitions_go_to_the_other(stack: Stack, tmp_path: Path) -> None:
    with another(stack, "feed-product-search", tmp_path / "1.log") as hanging:
        wait_until(lambda: is_up(stack, "feed-product-search", hanging.pid), 30, "both share the partitions")
        hanging.send_signal(signal.SIGSTOP)
        moment = time.time()

        seen = wait_until(lambda: hung(stack), 10, "it is seen to hang")
        wait_until(lambda: any_vouches_beyond(stack, "feed-product-search", moment), 10, "the other goes on")
        hanging.send_signal(signal.SIGCONT)

        assert not seen["well"]
        wait_until(lambda: well(stack), 30, "woken up, it works beside the other")


def test_restarting_one_of_several_is_done_when_that_one_has_its_place(stack: Stack, tmp_path: Path) -> None:
    with ExitStack() as others:
        for name in ("feed-sales", "feed-product-search", "capture"):
            others.enter_context(another(stack, name, tmp_path / f"{name}.log"))

        sales, search, capture = (
            stack.rustok("restart", name).stderr for name in ("feed-sales", "feed-product-search", "capture")
        )

        seen = wait_until(lambda: well(stack), 30, "all of them are well")
        assert states(seen, "feed-sales") == ["standby", "up"]
        assert states(seen, "capture") == ["standby", "up"]
    assert "stands by again" in sales
    assert "works again" in search
    assert "stands by again" in capture


def test_one_that_is_told_to_end_leaves_at_once(stack: Stack, tmp_path: Path) -> None:
    with another(stack, "feed-sales", tmp_path / "1.log") as standing_by:
        standing_by.terminate()

        assert standing_by.wait(10) == 0
    assert len(instances(stack, "feed-sales")) == 1


def status(stack: Stack) -> dict:
    return stack.state()


def well(stack: Stack) -> dict | None:
    seen = status(stack)
    return seen if seen["well"] else None


def hung(stack: Stack) -> dict | None:
    seen = status(stack)
    return seen if "hangs" in states(seen, "feed-product-search") else None


def states(seen: dict, name: str) -> list[str]:
    return sorted(process["state"] for process in seen["processes"] if process["name"] == name)


def freshness(seen: dict) -> dict:
    return {model["name"]: model["as_of"] for model in seen["read_models"]}


def later(now: dict, before: dict) -> bool:
    return all(now[name] is not None and now[name] > before[name] for name in before)


def is_up(stack: Stack, name: str, pid: int) -> bool:
    found = instance(stack, name, pid)
    return found is not None and found.condition == "up"


def vouches_beyond(stack: Stack, name: str, pid: int, moment: float) -> bool:
    found = instance(stack, name, pid)
    return found is not None and (found.value(process_named(name).works_when) or 0) > moment


def any_vouches_beyond(stack: Stack, name: str, moment: float) -> bool:
    return any((one.value(process_named(name).works_when) or 0) > moment for one in instances(stack, name) if one.page)


def stack_own_works(stack: Stack, name: str) -> bool:
    pid = next(state.pid for state in Supervisor(stack.settings.folder).states() if state.name == name)
    return pid is not None and works(stack, name, pid)
