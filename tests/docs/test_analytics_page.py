"""The page for analysts describes the tables and the view as they are."""

from typing import Final

import duckdb

from sinks.analytics.sales_facts import LINES, ORDER_FACTS
from tests.docs.pages import ROOT, first_cells

PAGE: Final = ROOT / "docs" / "analytics.md"


def test_every_column_of_the_tables_is_there_with_its_type() -> None:
    page = PAGE.read_text()

    for table, columns in ((ORDER_FACTS.table, ORDER_FACTS.head), (LINES.table, ORDER_FACTS.line)):
        assert first_cells(PAGE, f"### `{table}`") == list(columns)
        for column, kind in columns.items():
            assert f"| `{column}` | {kind} |" in page


def test_every_column_of_the_view_is_there() -> None:
    database = duckdb.connect()
    for table, columns in ((ORDER_FACTS.table, ORDER_FACTS.head), (LINES.table, ORDER_FACTS.line)):
        database.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    described = database.execute(f"DESCRIBE {ORDER_FACTS.views['sales']}").fetchall()

    assert first_cells(PAGE, "## The view `sales`") == [name for name, *_ in described]
