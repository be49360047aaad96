import pytest

from ops import process_health
from ops.processes import all_processes
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain


@pytest.mark.parametrize("duty", ["prune", "slot", "verify"])
def test_what_has_to_be_done_again_and_again_is_done(stack, duty):
    upkeep = next(process for process in all_processes() if process.name == "upkeep")

    def turns():
        page = process_health.read(upkeep.metrics_url(stack.settings))
        return page and page.value("rustok_upkeep_turns_total", duty=duty, outcome="done")

    assert wait_until(turns, 60, f"{duty} had its turn") >= 1
