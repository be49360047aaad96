"""Knows which related products there are: those that are named must be."""

from collections.abc import Sequence
from uuid import UUID

from api.domain.errors import FieldError, Invalid
from api.store.unit_of_work import UnitOfWork


def related_ids(work: UnitOfWork, named: Sequence[UUID]) -> tuple[UUID, ...]:
    """Each once. Raises `Invalid` that names those which are not there."""
    there = work.products.there(named) if named else set()
    wrong = [
        FieldError(f"related_ids.{at}", "unknown_product", f"There is no product {id_}.")
        for at, id_ in enumerate(named)
        if id_ not in there
    ]
    if wrong:
        raise Invalid("Some products are not there.", wrong)
    return tuple(dict.fromkeys(named))
