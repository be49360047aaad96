"""Whatever has a state has a table, so that it can be compared and emitted again."""

from api.store.view import TABLES
from schemas.aggregates import AGGREGATES


def test_every_aggregate_with_a_state_has_its_table() -> None:
    assert sorted(table.aggregate.name for table in TABLES) == [row.name for row in AGGREGATES if row.has_state]
