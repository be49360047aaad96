"""Files of facts are read by column and by group, so a group is to hold many of their narrow rows."""

from contextlib import closing
from pathlib import Path

import duckdb

from sinks.analytics.sales_facts import MODEL
from sinks.bench import filled_sales
from sinks.duckdb.parquet_parts import NARROW_ROWS


def test_lines_that_go_into_a_file_together_lie_in_groups_of_many(tmp_path: Path) -> None:
    with closing(filled_sales.opened(tmp_path)) as sink:
        sink.fill(orders=14_000, at_once=14_000)
    (file,) = (tmp_path / MODEL.id).glob("parts-*/order_lines-*.parquet")

    with closing(duckdb.connect()) as connection:
        groups = connection.execute(
            "SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata(?) ORDER BY ALL", [str(file)]
        ).fetchall()

    lines = 14_000 * filled_sales.LINES_OF_AN_ORDER + filled_sales.LINES_OF_AN_ORDER
    assert [rows for _, rows in groups] == [NARROW_ROWS, lines - NARROW_ROWS]
