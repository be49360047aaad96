"""Asks Great Expectations about a snapshot. All that is known of that library is here and in the two files beside it.

Importing it takes seconds and two hundred megabytes: only the process that checks does.
"""

import io
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, cast

import duckdb
from sqlalchemy import create_engine

from sinks.quality.expectation import Expectation, NoRows, NotNull, OneOf, Unique
from sinks.sink import Unavailable

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # before it is imported: it would ask the internet

import great_expectations as gx
from great_expectations import expectations as gxe

from sinks.quality.buffered_duckdb import results_are_buffered

#: What it says of an expectation: whether it holds, and why it could not be asked.
Verdict = tuple[bool, str]
_NAME: Final = "rustok"


class Validations:
    """Of one snapshot: `verdicts` by the expectation's name, and what the pages of Data Docs are rendered from."""

    def __init__(self, verdicts: Mapping[str, Verdict], by_table: Mapping[str, Any]) -> None:
        self.verdicts = verdicts
        self.by_table = by_table


def validate(snapshot: Path, expectations: Sequence[Expectation]) -> Validations:
    """`snapshot` is a DuckDB file, opened read-only."""
    # It prints advice and progress that are not for who asked.
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with results_are_buffered():
            return _validate(snapshot, expectations)


def _validate(snapshot: Path, expectations: Sequence[Expectation]) -> Validations:
    context = gx.get_context(mode="ephemeral")
    source = context.data_sources.add_sql(
        _NAME,
        connection_string=_url(snapshot),
        kwargs={"connect_args": _connect_args()},
    )
    by_table: dict[str, Any] = {}
    verdicts: dict[str, Verdict] = {}
    for table, of_table in groupby(sorted(expectations, key=attrgetter("table")), key=attrgetter("table")):
        suite = context.suites.add(gx.ExpectationSuite(name=table))
        for one in of_table:
            suite.add_expectation(_asked(one))
        batches = source.add_table_asset(table, table_name=table).add_batch_definition_whole_table("whole")
        definition = gx.ValidationDefinition(name=table, data=batches, suite=suite)
        found = context.validation_definitions.add(definition).run(result_format="BASIC")
        by_table[table] = found
        for result in found.results:
            config = result.expectation_config
            verdicts[config.meta["name"]] = (bool(result.success), _why(result.exception_info))
    source.get_execution_engine().close()
    source.get_engine().dispose()
    return Validations(verdicts, by_table)


@contextmanager
def opened(snapshot: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """By the same driver with the same words: DuckDB wants all connections of a process to a file to be alike.

    Raises `Unavailable` when it is not there any more.
    """
    engine = create_engine(_url(snapshot), connect_args=_connect_args())
    try:
        held = engine.raw_connection()
    except duckdb.Error as gone:
        raise Unavailable(f"the snapshot {snapshot.name} cannot be read: {gone}", retry_after_s=5) from gone
    with closing(held):
        yield cast(duckdb.DuckDBPyConnection, held.driver_connection)  # a wrapper that passes on what it is asked
    engine.dispose()


def _url(snapshot: Path) -> str:
    return f"duckdb:///{snapshot}"


def _connect_args() -> dict[str, Any]:
    return {"read_only": True, "config": {"threads": 2, "memory_limit": "1GB"}}


def _asked(one: Expectation) -> Any:
    told = {"meta": {"name": one.name}, "notes": one.meaning, "severity": one.severity}
    match one.condition:
        case NotNull(column):
            return gxe.ExpectColumnValuesToNotBeNull(column=column, **told)
        case Unique(columns):
            return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(columns), **told)
        case OneOf(column, values):
            return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=list(values), **told)
        case NoRows(select):
            return gxe.UnexpectedRowsExpectation(unexpected_rows_query=select, **told)


def _why(exception_info: Any) -> str:
    """What kept it from asking, in one line; empty: nothing."""
    infos = [exception_info] if "raised_exception" in exception_info else list((exception_info or {}).values())
    raised = [info["exception_message"] for info in infos if info.get("raised_exception")]
    return str(raised[0]).partition("\n")[0][:300] if raised else ""
