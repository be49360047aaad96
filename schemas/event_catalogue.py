"""Lists every event: the histories of all aggregates, by event type and by class."""

from typing import Any, Final

from schemas.aggregates import AGGREGATES
from schemas.event_history import History

HISTORIES: Final = tuple(history for aggregate in AGGREGATES for history in aggregate.histories)
BY_TYPE: Final = {history.event_type: history for history in HISTORIES}
_BY_NEWEST: Final = {history.newest: history for history in HISTORIES}


def history_of(event: Any) -> History:
    """The history that `event`, an object of a newest version, belongs to. Raises `KeyError` for anything else."""
    return _BY_NEWEST[type(event)]
