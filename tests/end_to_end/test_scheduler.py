import pytest

from ops import process_health
from ops.processes import all_processes
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain


@pytest.mark.parametrize("task", ["prune", "slot", "verify"])
def test_what_has_to_be_done_again_and_again_is_done(stack, task):
    scheduler = next(process for process in all_processes() if process.name == "scheduler")

    def turns():
        page = process_health.read(scheduler.metrics_url(stack.settings))
        return page and page.value("rustok_job_runs_total", task=task, outcome="done")

    assert wait_until(turns, 60, f"{task} had its turn") >= 1
