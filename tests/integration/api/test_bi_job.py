"""The scheduler fills the tables for BI tools while anybody may read them; what keeps it from that changes nothing."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from ops import metrics
from ops.scheduler.own_commands import CommandFailed
from ops.scheduler.run_jobs import AGAIN_AFTER_S, FIRST_AFTER_S, Schedule
from ops.settings import Settings
from sinks.analytics import sales_facts
from sinks.bi import bi_readers
from sinks.bi.bi_job import JOB
from sinks.duckdb import snapshots
from sinks.duckdb.duckdb_sink import DuckDBSink
from sinks.freshness import Freshness
from tests.integration.api.bi import Bi, Rows, bi_of, sell_a_year
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers
AWAY = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def bi(settings: Settings, tmp_path: Path, open_shop: Callable[..., Shop]) -> Iterator[Bi]:
    """A shop that has sold something, and nothing of it in the tables, which somebody may read."""
    shop = open_shop()
    sell_a_year(shop)
    with bi_of(settings.model_copy(update={"analytics_dir": tmp_path}), tmp_path, [shop]) as made:
        made.publish()
        with psycopg.connect(settings.postgres_bi_url) as filler:
            filler.execute("TRUNCATE bi.sales_by_day")
        made.reader(None)
        yield made


def sold(bi: Bi) -> Rows:
    """As whoever fills them reads the tables."""
    with psycopg.connect(bi.settings.postgres_bi_url) as filler:
        return filler.execute(
            "SELECT currency, sum(orders)::bigint FROM bi.sales_by_day GROUP BY 1 ORDER BY 1"
        ).fetchall()


def runs(outcome: str) -> float:
    return metrics.JOB_RUNS.labels("bi", outcome)._value.get()  # noqa: SLF001  # what is shown of it


def test_its_turn_fills_them_and_says_of_which_moment_they_are(bi: Bi) -> None:
    before = metrics.BI_ROWS._value.get()  # noqa: SLF001
    as_of = bi_as_of(bi)

    JOB.turn(bi.settings)

    assert sold(bi) == [("EUR", 3), ("JPY", 1)]
    assert metrics.BI_ROWS._value.get() > before  # noqa: SLF001
    assert metrics.BI_AS_OF.labels("sales")._value.get() == pytest.approx(as_of.timestamp())  # noqa: SLF001


def bi_as_of(bi: Bi) -> datetime:
    current = snapshots.current(bi.folder / sales_facts.MODEL.id)
    assert current is not None
    as_of = sales_facts.MODEL.complete(current.freshness).as_of
    assert as_of is not None
    return as_of


def test_where_nobody_may_read_nothing_is_worked_out(bi: Bi) -> None:
    for role in bi.made:
        bi_readers.drop(bi.settings, role)
    bi.made.clear()
    assert not bi_readers.are_there(bi.settings.postgres_bi_url)

    JOB.turn(bi.settings)

    assert sold(bi) == []


def test_where_there_is_no_such_database_there_is_nothing_to_do(bi: Bi) -> None:
    JOB.turn(bi.settings.model_copy(update={"postgres_bi_url": ""}))

    assert sold(bi) == []


def test_before_the_first_snapshot_the_tables_stay_as_they_are(bi: Bi, tmp_path: Path) -> None:
    JOB.turn(bi.settings)

    JOB.turn(bi.settings.model_copy(update={"analytics_dir": tmp_path / "none"}))

    assert sold(bi) == [("EUR", 3), ("JPY", 1)]
    assert not (tmp_path / "none").exists()


def test_of_a_snapshot_that_nobody_vouches_for_nothing_is_filled_and_it_is_told(bi: Bi) -> None:
    model = sales_facts.MODEL
    with closing(DuckDBSink(bi.folder / model.id, model, model.store.shape, goes_live=True)) as sink:
        sink.open()
        sink.publish(Freshness(withheld="building"))

    with pytest.raises(CommandFailed, match="Nothing is filled"):
        JOB.turn(bi.settings)

    assert sold(bi) == []


def test_while_postgres_is_away_the_turn_fails_and_comes_again_soon(bi: Bi) -> None:
    now, before = 0.0, (runs("done"), runs("failed"))
    away = bi.settings.model_copy(update={"postgres_bi_url": AWAY})
    schedule = Schedule([JOB], away, lambda: now)

    now = FIRST_AFTER_S
    until_next_s = schedule.turn()

    assert until_next_s == AGAIN_AFTER_S
    assert (runs("done"), runs("failed")) == (before[0], before[1] + 1)
    assert sold(bi) == []


def test_the_scheduler_counts_a_turn_that_filled_them(bi: Bi) -> None:
    now, before = 0.0, runs("done")
    schedule = Schedule([JOB], bi.settings, lambda: now)

    now = FIRST_AFTER_S
    until_next_s = schedule.turn()

    assert until_next_s == bi.settings.bi_every_s
    assert runs("done") == before + 1
    assert sold(bi) == [("EUR", 3), ("JPY", 1)]
