"""Removes old rows in batches, each a transaction of its own, and counts them: `rustok_rows_pruned` has them by table.

Whoever is killed in between has removed what was counted, and the next turn goes on. Two at once do no harm: what one
of them has removed is not there for the other.
"""

from collections.abc import Mapping
from typing import Any, Final, LiteralString

import psycopg

from ops import metrics
from ops.clients import database_roles

BATCH: Final = 5000


def delete_all(
    connection: psycopg.Connection[Any],
    table: str,
    statement: LiteralString,
    values: Mapping[str, Any],
    *,
    batch: int = BATCH,
) -> int:
    """Says `statement`, which deletes `%(batch)s` rows at most, until there are fewer; returns how many there were.

    As the keeper. `connection` is in autocommit mode.
    """
    removed = 0
    while True:
        with connection.transaction():
            database_roles.act_as(connection, database_roles.KEEPER)
            gone = connection.execute(statement, {**values, "batch": batch}).rowcount
        metrics.ROWS_PRUNED.labels(table).inc(gone)
        removed += gone
        if gone < batch:
            return removed
