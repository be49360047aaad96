import io
from contextlib import redirect_stderr, redirect_stdout

import duckdb
import pytest

from sinks.quality import great_expectations_run
from sinks.quality.buffered_duckdb import results_are_buffered

gx, gxe = great_expectations_run.gx, great_expectations_run.gxe


def is_asked(file) -> bool:
    """Whether an expectation that holds is said to."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        context = gx.get_context(mode="ephemeral")
        source = context.data_sources.add_sql("it", connection_string=f"duckdb:///{file}")
        batches = source.add_table_asset("it", table_name="it").add_batch_definition_whole_table("whole")
        suite = context.suites.add(gx.ExpectationSuite(name="it"))
        suite.add_expectation(gxe.ExpectColumnValuesToNotBeNull(column="one"))
        return bool(gx.ValidationDefinition(name="it", data=batches, suite=suite).run().success)


@pytest.fixture
def file(tmp_path):
    with duckdb.connect(tmp_path / "it.duckdb") as connection:
        connection.execute("CREATE TABLE it AS SELECT 1 AS one")
    return tmp_path / "it.duckdb"


def test_with_buffered_results_duckdb_can_be_asked(file):
    with results_are_buffered():
        assert is_asked(file)


def test_upstream_alone_cannot_ask_duckdb(file):
    assert not is_asked(file), "Great Expectations reads DuckDB by itself now: remove sinks/quality/buffered_duckdb.py"
