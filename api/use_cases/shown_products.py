"""Says how a product is shown: in one locale, with the related products that are there to be seen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from api.domain.changes import Versioned
from api.store.view import View
from schemas.events.product import Product, ProductText


@dataclass(frozen=True, slots=True, kw_only=True)
class InLocale:
    """`chain` are the locales that it is told of in, best first; `variant_id` is that of the SKU it was found by."""

    held: Versioned[Product]
    text: ProductText
    chain: tuple[str, ...]
    variant_id: UUID | None = None


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
