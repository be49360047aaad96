"""The page for analysts describes the tables and the view as they are."""

from typing import Final

import duckdb

from sinks.analytics.sales_facts import ORDER_FACTS
from tests.docs.pages import ROOT, first_cells

PAGE: Final = ROOT / "docs" / "analytics.md"
TABLES: Final = {ORDER_FACTS.table: ORDER_FACTS.head, **{lines.table: lines.head for lines in ORDER_FACTS.lines}}


def test_every_column_of_the_tables_is_there_with_its_type() -> None:
    page = PAGE.read_text()

    for table, columns in TABLES.items():
        assert first_cells(PAGE, f"### `{table}`") == list(columns)
        for column, kind in columns.items():
            assert f"| `{column}` | {kind} |" in page


def test_every_column_of_the_views_is_there() -> None:
    database = duckdb.connect()
    for table, columns in TABLES.items():
        database.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")

    for view, select in ORDER_FACTS.views.items():
        described = database.execute(f"DESCRIBE {select}").fetchall()
        assert first_cells(PAGE, f"## The view `{view}`") == [name for name, *_ in described]
