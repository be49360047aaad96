"""The primary of PostgreSQL dies while shops sell, and its standby takes its place as the runbook says."""

import sys

import pytest

from ops.chaos.shop_writers import Writer
from ops.commands.test import own_stack
from ops.settings import Settings
from tests.support.runbooks import FOLDER, follow, see
from tests.support.shops import open_shop
from tests.support.shops_that_sell import sold_more
from tests.support.stack import Stack
from tests.support.standby_pair import standby_pair
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chain, pytest.mark.slow, pytest.mark.timeout(600)]

DEADLINE_S = 90
PROMOTE = """with psycopg.connect('{url}', autocommit=True) as standby:
    standby.execute('SELECT pg_promote(true, 60)')
"""


@pytest.fixture
def empty():
    stack = Stack(Settings(stack=f"{own_stack()}-standby"))
    stack.rustok("down", "--delete-data")
    stack.settings.folder.root.mkdir(parents=True, exist_ok=True)
    yield stack
    stack.rustok("down", "--delete-data", check=False)


def test_a_standby_goes_on_with_all_that_was_promised(empty, tmp_path):
    page = FOLDER / "postgres-failed-over.md"
    with standby_pair(empty) as pair:
        also = {"RUSTOK_POSTGRES_URL": pair.url, "RUSTOK_POSTGRES_ANY_ROLE": "true"}
        Stack(empty.settings, also).rustok("up", "--free-ports")
        stack = Stack(Settings(stack=empty.settings.stack, postgres_url=pair.url), also)
        try:
            pair.follow_slots(stack.settings.capture_slot)
            pair.promise_what_both_have()
            promote = tmp_path / "promote"
            promote.write_text(f"#!{sys.executable}\nimport psycopg\n{PROMOTE.format(url=pair.standby.url)}")
            promote.chmod(0o755)
            writer = Writer(open_shop(stack), 1)
            writer.start()
            sold_more([writer], 5, DEADLINE_S)

            pair.primary.kill()
            see(stack, page)
            said = follow(stack, page, {"promote": str(promote)})
            sold_more([writer], 5, DEADLINE_S)

            writer.finish()
            wait_until(lambda: writer.sold()[0] == writer.paid, DEADLINE_S, "sales are complete")
            assert "streams resync" not in said  # nothing was missing
            assert writer.failures == []
            assert writer.sold() == (writer.paid, writer.revenue_minor)
            for model in ("product-search", "sales"):
                stack.rustok("sinks", "verify", model, "--full")
        finally:
            stack.rustok("down", check=False)
