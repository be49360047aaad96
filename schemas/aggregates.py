"""Lists every aggregate: the row `AGGREGATE` of each file in `schemas/events`, in order of their names."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from schemas import events
from schemas.aggregate import Aggregate


def _row(module: str) -> Aggregate:
    row: Aggregate = import_module(f"{events.__name__}.{module}").AGGREGATE
    if row.name != module:
        raise ValueError(f"schemas/events/{module}.py declares the aggregate {row.name}: its name is to be {module}")
    return row


AGGREGATES: Final = tuple(_row(module) for module in sorted(found.name for found in iter_modules(events.__path__)))
BY_NAME: Final = {row.name: row for row in AGGREGATES}
#: The events after which their aggregate is not to be seen any more.
LAST: Final = frozenset(
    history.event_type for row in AGGREGATES for history in row.histories if history.newest is row.gone
)
