"""One process of a running stack is restarted, and the others go on."""

import pytest

from ops.local.supervision import Supervisor
from ops.processes import PROCESSES
from ops.watching import works
from tests.support.stack import Stack

pytestmark = pytest.mark.chain


@pytest.mark.parametrize("name", ["api", "feed-sales"])
def test_a_restarted_process_works_when_the_command_comes_back(stack: Stack, name: str) -> None:
    process = next(each for each in PROCESSES if each.name == name)
    before = pids(stack)

    said = stack.rustok("restart", name).stderr

    after = pids(stack)
    assert works(process, stack.settings)
    assert "works again" in said
    assert {each for each in before if after[each] != before[each]} == {name}


def pids(stack: Stack) -> dict[str, int | None]:
    return {state.name: state.pid for state in Supervisor(stack.settings.folder).states()}
