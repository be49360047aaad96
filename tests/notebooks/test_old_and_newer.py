"""What was written last week goes on telling the truth: an old notebook on today's model, today's on a newer one, and a
snapshot from before beside it.
"""

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ops.home import project_root
from sinks.analytics.sales_facts import LINES, MODEL, ORDER_FACTS, REVERSALS
from sinks.duckdb import pinned_snapshots, snapshots
from sinks.sink import DocumentChange
from sinks.stores import InDuckDB
from tests.notebooks.test_on_snapshots import NOTEBOOKS
from tests.support.executed_notebooks import a_winter, executed
from tests.support.sound_snapshots import SHOP, published

OLD = project_root() / "tests/notebooks/kept/2026-11-24-what-was-sold.ipynb"
COLUMNS = project_root() / "tests/notebooks/kept/columns.csv"
TODAY = next(path for path in NOTEBOOKS if path.name.startswith("01"))
#: Columns that nobody has filled yet, and that are named like nothing else, or like a column beside them.
ADDED = {"sales_channel": "VARCHAR", "gift_minor": "BIGINT"}


def newer() -> Any:
    """The next version of the model: each table of orders has more columns, before those that there were."""
    lines, reversals = (replace(one, columns=ADDED | dict(one.columns)) for one in (LINES, REVERSALS))
    orders = replace(ORDER_FACTS, columns=ADDED | dict(ORDER_FACTS.columns), lines=(lines, reversals))
    others = tuple(facts for facts in MODEL.store.shape if facts.table != ORDER_FACTS.table)
    return replace(MODEL, version=MODEL.version + 1, store=InDuckDB((orders, *others)))


def with_more(change: DocumentChange) -> DocumentChange:
    if change.collection != ORDER_FACTS.table or change.document is None:
        return change
    nothing = dict.fromkeys(ADDED)
    document = {**change.document, **nothing}
    for one in (LINES, REVERSALS):
        document[one.field] = [{**row, **nothing} for row in document[one.field]]
    return replace(change, document=document)


@pytest.fixture(scope="module")
def winter() -> list[DocumentChange]:
    return a_winter()


@pytest.fixture(scope="module")
def analytics(tmp_path_factory: pytest.TempPathFactory, winter: list[DocumentChange]) -> Path:
    folder = tmp_path_factory.mktemp("analytics")
    published(folder, MODEL, winter)
    return folder


def total(said: dict[str, list[Any]]) -> str:
    (output,) = said["total"]
    return str(output["data"]["text/plain"])


def test_a_notebook_of_the_model_of_november_says_the_same_on_todays(analytics: Path) -> None:
    assert total(executed(OLD, analytics)) == total(executed(TODAY, analytics)) != "{}"


def test_more_columns_break_no_notebook_and_change_no_figure(
    analytics: Path, winter: list[DocumentChange], tmp_path: Path
) -> None:
    published(tmp_path, newer(), [with_more(change) for change in winter])

    assert snapshots.live_folder(tmp_path, MODEL.name).resolve().name == newer().id
    for path in (OLD, TODAY):
        assert total(executed(path, tmp_path)) == total(executed(path, analytics))


def test_a_pinned_snapshot_stays_as_it_was_while_a_newer_version_publishes(
    winter: list[DocumentChange], tmp_path: Path
) -> None:
    published(tmp_path, MODEL, winter)
    pinned = pinned_snapshots.pin(tmp_path, MODEL.name, "november").path
    mine = "SELECT currency, sum(revenue_minor)::BIGINT FROM sales WHERE tenant_id = ? GROUP BY ALL"

    def asked(path: Path) -> list[Any]:
        with duckdb.connect(path, read_only=True) as connection:
            return connection.execute(mine, [SHOP]).fetchall()

    before = asked(pinned)
    live = published(tmp_path, newer(), [with_more(change) for change in winter])

    assert asked(pinned) == before == asked(live.path)


def test_what_could_be_named_last_week_can_be_named_today(analytics: Path) -> None:
    """Columns of tables and views that were published, with the types they had. Rows may be added to the list."""
    with COLUMNS.open(newline="") as kept:
        named = [tuple(row) for row in csv.reader(kept)]
    current = snapshots.current(snapshots.live_folder(analytics, MODEL.name).resolve())
    assert current is not None
    with duckdb.connect(current.path, read_only=True) as connection:
        there = set(connection.execute("SELECT table_name, column_name, data_type FROM duckdb_columns()").fetchall())

    assert len(named) > 100
    assert [one for one in named if one not in there] == []
