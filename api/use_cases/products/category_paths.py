"""Puts a product into categories that are there."""

from collections.abc import Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from api.domain.errors import FieldError, Invalid

N = TypeVar("N", UUID, str)
Path = tuple[UUID, ...]


def category_paths(named: Sequence[N], there: Mapping[N, Path], field: str) -> list[Path]:
    """The way to each category. Raises `Invalid` that names those which are not there."""
    wrong = [
        FieldError(f"{field}.{at}", "unknown_category", f"There is no category {name}.")
        for at, name in enumerate(named)
        if name not in there
    ]
    if wrong:
        raise Invalid("Some categories are not there.", wrong)
    return [there[name] for name in dict.fromkeys(named)]
