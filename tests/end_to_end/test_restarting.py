"""One process of a running stack is restarted, and the others go on."""

import threading
from urllib.request import urlopen

import pytest

from ops.local import replace_workers
from ops.local.supervisor import Supervisor
from ops.process_health import works
from ops.processes import all_processes
from tests.support.stack import Stack

pytestmark = pytest.mark.chain


@pytest.mark.parametrize("name", ["feed-sales", "scheduler"])
def test_a_restarted_process_works_when_the_command_comes_back(stack: Stack, name: str) -> None:
    process = next(each for each in all_processes() if each.name == name)
    before = pids(stack)

    said = stack.rustok("restart", name).stderr

    after = pids(stack)
    assert works(process, stack.settings)
    assert "works again" in said
    assert {each for each in before if after[each] != before[each]} == {name}


def pids(stack: Stack) -> dict[str, int | None]:
    return {state.name: state.pid for state in Supervisor(stack.settings.folder).states()}


def test_a_restart_of_the_api_replaces_its_workers_and_refuses_nobody(stack: Stack) -> None:
    url = f"{stack.settings.api_url}/health/live"
    pid = pids(stack)["api"]
    assert pid is not None
    before = replace_workers.of(pid)
    asking, outcomes = threading.Event(), list[str]()
    asking.set()
    callers = [threading.Thread(target=ask, args=(url, asking, outcomes)) for _ in range(4)]
    for caller in callers:
        caller.start()

    said = stack.rustok("restart", "api").stderr

    asking.clear()
    for caller in callers:
        caller.join()
    assert "works again" in said
    assert pids(stack)["api"] == pid
    assert replace_workers.of(pid)
    assert before.isdisjoint(replace_workers.of(pid))
    assert len(outcomes) > 100
    assert {outcome for outcome in outcomes if outcome != "200"} == set()


def ask(url: str, asking: threading.Event, outcomes: list[str]) -> None:
    """Each time on a new connection, as it comes from many callers."""
    while asking.is_set():
        try:
            with urlopen(url, timeout=10) as answer:  # noqa: S310  # our own
                outcomes.append(str(answer.status))
        except OSError as refused:
            outcomes.append(repr(refused))
