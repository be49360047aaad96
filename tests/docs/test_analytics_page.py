"""The pages for analysts describe the tables, views and metrics as they are."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

import duckdb
from click.testing import CliRunner

from ops.cli import rustok
from sinks.analytics import tables_page
from sinks.analytics.column_meanings import DESCRIBED, FUNCTIONS
from sinks.analytics.sales_facts import MODEL, ORDER_FACTS
from sinks.duckdb import published_views
from tests.docs.pages import ROOT, blocks, first_cells

PAGE: Final = ROOT / "docs" / "analytics.md"


@contextmanager
def in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """What readers get, with no rows."""
    with closing(duckdb.connect()) as connection:
        for statement in published_views.definitions(MODEL.store.shape):
            connection.execute(statement)
        yield connection


def test_the_reference_is_what_the_declarations_say() -> None:
    assert tables_page.PAGE.read_text() == tables_page.text(), "run `rustok sinks doc`"


def test_every_view_and_function_is_described() -> None:
    assert set(ORDER_FACTS.views) <= set(DESCRIBED)
    assert list(FUNCTIONS) == list(ORDER_FACTS.macros)


def test_every_column_of_the_views_that_the_page_describes_is_there() -> None:
    with in_memory() as database:
        for view in ("sales", "reversals"):
            described = database.execute(f"DESCRIBE {view}").fetchall()
            assert first_cells(PAGE, f"## The view `{view}`") == [name for name, *_ in described]


def test_every_statement_of_the_page_can_be_asked() -> None:
    statements = blocks(PAGE, "sql")

    with in_memory() as database:
        for statement in statements:
            database.execute(statement)
    assert len(statements) > 3


def test_no_query_of_the_page_adds_up_currencies_units_or_the_same_person_twice() -> None:
    statements = re.findall(r"SELECT .*?(?=```|;\n|\"\}|\"\))", PAGE.read_text(), re.DOTALL)

    of_money = [one for one in statements if re.search(r"sum\(\w*_minor\)|customers_rfm", one)]
    of_units = [one for one in statements if re.search(r"sum\((units|quantity\w*)\)", one)]

    assert [one for one in of_money if "currency" not in one] == []
    assert [one for one in of_units if not re.search(r"\b(unit|measure)\b", one)] == []
    assert len(of_money) > 7
    assert len(of_units) > 1


def test_what_the_page_says_a_metric_prints_is_what_it_prints() -> None:
    printed = CliRunner().invoke(rustok, ["sinks", "metrics", "net_sales"]).output

    assert f"$ rustok sinks metrics net_sales\n{printed}" in PAGE.read_text()
