"""Knows which related products there are: those that are named must be, those that went since are left out."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from api.domain.changes import Versioned
from api.domain.errors import FieldError, Invalid
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from schemas.events.product import Product


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


def without_lost(view: View, held: Sequence[Versioned[Product]]) -> list[Versioned[Product]]:
    """As whoever asks sees them: related products that are gone, or not to be seen, are left out."""
    named = {id_ for one in held for id_ in one.value.related_ids}
    if not named:
        return list(held)
    there = view.products.there(named)
    return [
        replace(one, value=replace(one.value, related_ids=tuple(id_ for id_ in one.value.related_ids if id_ in there)))
        for one in held
    ]
