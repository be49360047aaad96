"""A published snapshot of the sales on which every question takes for ever."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb

from sinks.analytics.sales_facts import MODEL
from sinks.duckdb import snapshots

#: So many rows for each that was sold; of each pair something is asked.
_MANY = 10**8


@contextmanager
def endless(folder: Path) -> Iterator[None]:
    """In place of the current one in the folder of all analytics, until the end of the block."""
    ordinary = snapshots.current(folder / MODEL.id)
    assert ordinary is not None
    slow = ordinary.path.with_name(f"{ordinary.path.stem[:-8]}99999999.duckdb")
    shutil.copy(ordinary.path, slow)
    with duckdb.connect(slow) as connection:
        ((view,),) = connection.execute("SELECT sql FROM duckdb_views() WHERE view_name = 'sales'").fetchall()
        connection.execute(view.replace("VIEW sales", "VIEW sold"))
        connection.execute(
            f"CREATE OR REPLACE VIEW sales AS SELECT sold.* REPLACE (sold.title || a.range || b.range AS title)"
            f" FROM sold, range({_MANY}) a, range({_MANY}) b"
        )
    snapshots.point_to(replace(ordinary, path=slow))
    try:
        yield
    finally:
        snapshots.point_to(ordinary)
