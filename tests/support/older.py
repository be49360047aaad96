"""Makes an older version of what an event says out of the newest, as whoever wrote it then would have."""

from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints


def as_written_by(older: Any, newest: Any) -> Any:
    """`newest`, with the fields that the class `older` has, and those of what is in it."""
    if isinstance(newest, tuple):
        of, *_ = get_args(older) or (None,)
        return tuple(as_written_by(of, one) for one in newest)
    if not is_dataclass(older) or newest is None:
        return newest
    hints = get_type_hints(older)
    return older(**{one.name: as_written_by(hints[one.name], getattr(newest, one.name)) for one in fields(older)})
