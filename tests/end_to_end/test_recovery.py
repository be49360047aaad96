"""Whatever of ours is killed goes on by itself, soon."""

import json

import pytest

from ops.processes import all_processes
from tests.support.stack import Stack

pytestmark = pytest.mark.chain

#: Three times what is promised: a busy machine is slower, and waiting for a session's end would still be found out.
BUSY = 3


def test_each_process_goes_on_soon_after_it_was_killed(stack: Stack) -> None:
    said = stack.rustok("bench", "recovery", "--kills", "1", "--server-kills", "0", "--json").stdout

    found = json.loads(said.splitlines()[-1])
    assert set(found) == {process.name for process in all_processes()}
    assert [name for name, each in found.items() if each["kills"] != 1] == []
    assert [name for name, each in found.items() if each["max_s"] > BUSY * each["limit_s"]] == []
