"""The life of a product: draft ⇄ active → archived; anything but an active one can be deleted."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from api.domain.changes import DatedEvent, Decision, Versioned
from api.domain.errors import Conflict, FieldError, IllegalTransition, Invalid
from api.domain.moments import not_before
from api.domain.money import EXPONENTS
from api.domain.product_facts import wrong_facts
from schemas.article_codes import code_key
from schemas.events.product import (
    Product,
    ProductArchived,
    ProductCreated,
    ProductDeleted,
    ProductEvent,
    ProductPublished,
    ProductUnpublished,
    ProductUpdated,
)

DRAFT: Final = "draft"
ACTIVE: Final = "active"
ARCHIVED: Final = "archived"

_UNTOUCHABLE: Final = frozenset({"id", "external_id", "status", "created_at", "updated_at"})
_CHANGEABLE: Final = tuple(field.name for field in fields(Product) if field.name not in _UNTOUCHABLE)


def create(product: Product, now: datetime, fingerprint: bytes | None = None) -> Decision[Product]:
    _check(product)
    event = DatedEvent(ProductCreated(product=product), now)
    return Decision(aggregate_id=product.id, value=product, happened=(event,), fingerprint=fingerprint)


def change(
    before: Versioned[Product], wanted: Product, now: datetime, fingerprint: bytes | None = None
) -> Decision[Product] | None:
    """From what is there to what is wanted, the status set aside; None when nothing is different."""
    old = before.value
    if old.status == ARCHIVED:
        raise Conflict("An archived product cannot be changed.")
    changed = tuple(name for name in _CHANGEABLE if getattr(old, name) != getattr(wanted, name))
    if not changed:
        return None
    at = not_before(now, old.updated_at)
    new = replace(wanted, id=old.id, status=old.status, created_at=old.created_at, updated_at=at)
    _check(new)
    return _updated(before, new, changed, at, fingerprint)


def publish(before: Versioned[Product], now: datetime) -> Decision[Product]:
    new = _moved(before, DRAFT, to=ACTIVE, now=now)
    return _one(before, new, ProductPublished(product=new), new.updated_at)


def unpublish(before: Versioned[Product], now: datetime) -> Decision[Product]:
    new = _moved(before, ACTIVE, to=DRAFT, now=now)
    return _one(before, new, ProductUnpublished(product=new), new.updated_at)


def archive(before: Versioned[Product], now: datetime) -> Decision[Product]:
    new = _moved(before, DRAFT, ACTIVE, to=ARCHIVED, now=now)
    return _one(before, new, ProductArchived(product=new), new.updated_at)


def delete(before: Versioned[Product], now: datetime) -> Decision[Product]:
    if before.value.status == ACTIVE:
        raise IllegalTransition("product", ACTIVE, "deleted before it is unpublished or archived")
    at = not_before(now, before.value.updated_at)
    return _one(before, before.value, ProductDeleted(product=before.value), at)


def bring_to(
    change: Decision[Product] | None,
    before: Versioned[Product],
    status: str,
    now: datetime,
    fingerprint: bytes | None = None,
) -> Decision[Product] | None:
    """The change with the step to another status after it, if it needs one."""
    at = before if change is None else change.now
    if at.value.status == status:
        return change
    step = {ACTIVE: publish, DRAFT: unpublish, ARCHIVED: archive}[status](at, now)
    earlier = () if change is None else change.happened
    return replace(
        step,
        happened=(*earlier, *step.happened),
        was_at=before.version,
        fingerprint=fingerprint,
    )


def put_elsewhere(before: Versioned[Product], placed: Sequence[Sequence[UUID]], now: datetime) -> Decision[Product]:
    """Into the categories at the ends of these paths, whatever its status: a category of it is no more."""
    at = not_before(now, before.value.updated_at)
    new = replace(
        before.value,
        category_ids=tuple(path[-1] for path in placed),
        category_path_ids=with_ancestors(placed),
        updated_at=at,
    )
    return _updated(before, new, ("category_ids", "category_path_ids"), at)


def with_ancestors(paths: Iterable[Sequence[UUID]]) -> tuple[UUID, ...]:
    """The categories on these paths, each once, in order: `category_path_ids` of a product."""
    return tuple(dict.fromkeys(category for path in paths for category in path))


def _moved(before: Versioned[Product], *sources: str, to: str, now: datetime) -> Product:
    if before.value.status not in sources:
        raise IllegalTransition("product", before.value.status, to)
    return replace(before.value, status=to, updated_at=not_before(now, before.value.updated_at))


def _updated(
    before: Versioned[Product],
    new: Product,
    changed: tuple[str, ...],
    now: datetime,
    fingerprint: bytes | None = None,
) -> Decision[Product]:
    return _one(before, new, ProductUpdated(product=new, changed=changed), now, fingerprint)


def _one(
    before: Versioned[Product], new: Product, event: ProductEvent, now: datetime, fingerprint: bytes | None = None
) -> Decision[Product]:
    return Decision(
        aggregate_id=new.id,
        value=new,
        happened=(DatedEvent(event, now),),
        was_at=before.version,
        fingerprint=fingerprint,
    )


def wrong(product: Product) -> list[FieldError]:
    """What no product may be."""
    return [*_wrong_texts(product), *_wrong_variants(product), *wrong_facts(product)]


def _check(product: Product) -> None:
    if found := wrong(product):
        raise Invalid("The product breaks a rule.", found)


def _wrong_texts(product: Product) -> list[FieldError]:
    wrong = []
    if not product.translations:
        wrong.append(FieldError("translations", "too_short", "A product has at least one translation."))
    if len({text.locale for text in product.translations}) != len(product.translations):
        wrong.append(FieldError("translations", "repeated", "A locale is translated twice."))
    return wrong


def _wrong_variants(product: Product) -> list[FieldError]:
    wrong = []
    if not product.variants:
        wrong.append(FieldError("variants", "too_short", "A product has at least one variant."))
    if len({code_key(variant.sku) for variant in product.variants}) != len(product.variants):
        wrong.append(FieldError("variants", "repeated", "A SKU is used twice."))
    elif len({variant.id for variant in product.variants}) != len(product.variants):
        wrong.append(FieldError("variants", "repeated", "A variant is in it twice."))
    options = set(product.options)
    for at, variant in enumerate(product.variants):
        here = f"variants.{at}"
        if not options.issuperset(variant.option_values):
            wrong.append(FieldError(f"{here}.option_values", "unknown_option", "It names no option of the product."))
        if len({price.currency for price in variant.prices}) != len(variant.prices):
            wrong.append(FieldError(f"{here}.prices", "repeated", "A currency is priced twice."))
        for number, price in enumerate(variant.prices):
            there = f"{here}.prices.{number}"
            if price.currency not in EXPONENTS:
                message = f"{price.currency} is no ISO 4217 currency."
                wrong.append(FieldError(f"{there}.currency", "unknown_currency", message))
            if price.compare_at_minor is not None and price.compare_at_minor < price.amount_minor:
                message = "The crossed-out price is below the price."
                wrong.append(FieldError(f"{there}.compare_at_minor", "too_low", message))
    return wrong
