"""Whatever of ours is killed goes on by itself, soon; how fast all of it comes back from a backup can be measured."""

import json

import pytest

from ops.processes import all_processes
from ops.settings import Settings
from tests.support.shops import open_shop, put_on_sale
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


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_restore_is_measured_beside_a_rebuild_and_leaves_nothing(stack: Stack) -> None:
    shop = open_shop(stack)
    put_on_sale(shop, "Tomatoes")

    said = stack.rustok("bench", "restore", "--json").stdout

    found = json.loads(said.splitlines()[-1])
    beside = Settings(stack=f"{stack.settings.stack}-restored", home=stack.settings.home)
    assert {name: each["ours"] > 0 for name, each in found.items()} == {
        "restored_documents_per_s": True,
        "restored_s": True,
    }
    assert not beside.folder.root.exists()
