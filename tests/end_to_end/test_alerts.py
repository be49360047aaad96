"""The alert rules against the pages of a live stack: silent while all is well, and loud when something is not."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from ops.local.supervisor import Supervisor
from tests.support.instances import another
from tests.support.scraping import Prometheus
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.chain, pytest.mark.timeout(300)]

#: Of the test's own time, for what the rules take: their `for`, and until an age is reached.
FIRES_WITHIN_S = 60.0
WATCHED_SCRAPES = 40
#: Letters that other tests have left open are not decided on by anybody.
LEFT_BY_OTHERS = {"LettersWait", "LettersPileUp"}


@contextmanager
def stopped(stack: Stack, name: str) -> Iterator[None]:
    supervisor = Supervisor(stack.settings.folder)
    supervisor.stop_programs([name])
    try:
        yield
    finally:
        supervisor.start_programs([name])
        wait_until(lambda: stack.rustok("status", check=False).returncode == 0, 120, "all is well again")


@contextmanager
def little_room_for_the_slot(stack: Stack) -> Iterator[None]:
    with psycopg.connect(stack.settings.postgres_url, autocommit=True) as admin:
        before = admin.execute("SHOW max_slot_wal_keep_size").fetchone()
        admin.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '300MB'")
        admin.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            assert before is not None
            admin.execute("ALTER SYSTEM RESET max_slot_wal_keep_size")
            admin.execute("SELECT pg_reload_conf()")


FAULTS = {
    "NobodyReadsTheSlot": lambda stack: stopped(stack, "capture"),
    "SlotIsInDanger": little_room_for_the_slot,
    "NobodyFeeds": lambda stack: stopped(stack, "feed-sales"),
    "LettersAreNotCounted": lambda stack: stopped(stack, "letters"),
}


def test_while_all_is_well_nothing_fires_with_two_of_everything(stack: Stack, tmp_path: Path) -> None:
    with ExitStack() as others:
        for name in ("capture", "feed-product-search", "feed-sales", "letters", "upkeep"):
            others.enter_context(another(stack, name, tmp_path / f"{name}.log"))
        wait_until(lambda: stack.rustok("status", check=False).returncode == 0, 60, "all is well")

        with Prometheus(stack.settings) as prometheus:
            wait_until(lambda: prometheus.scrapes >= WATCHED_SCRAPES, 120, "it has been watched long enough")

    assert prometheus.fired.keys() <= LEFT_BY_OTHERS


@pytest.mark.parametrize("alert", FAULTS)
def test_a_fault_is_told_by_its_alert(stack: Stack, alert: str) -> None:
    wait_until(lambda: stack.rustok("status", check=False).returncode == 0, 60, "all is well")

    with Prometheus(stack.settings) as prometheus:
        wait_until(lambda: prometheus.scrapes >= 3, 30, "it has seen the stack as it is")
        before = dict(prometheus.fired)
        with FAULTS[alert](stack):
            wait_until(lambda: alert in prometheus.fired, FIRES_WITHIN_S, f"{alert} fires")

    assert before.keys() <= LEFT_BY_OTHERS
