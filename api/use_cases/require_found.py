"""Finds what a command or a query is about, or refuses it."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from api.domain.errors import NotFound

T = TypeVar("T")


def found(get: Callable[[UUID], T | None], kind: str, id_: UUID) -> T:
    """Raises `NotFound` for what is not there, also when it is only not there for this actor."""
    held = get(id_)
    if held is None:
        raise NotFound(kind, id_)
    return held
