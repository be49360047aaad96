"""The life of a collection: draft ⇄ active, until it is deleted. Its products are chosen, or a rule says which."""

from collections.abc import Collection as Several
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from api.domain import collection_rules
from api.domain.changes import DatedEvent, Decision, Versioned
from api.domain.errors import Conflict, FieldError, IllegalTransition, Invalid
from api.domain.moments import not_before
from schemas.events.collection import (
    Collection,
    CollectionCreated,
    CollectionDeleted,
    CollectionEvent,
    CollectionPublished,
    CollectionUnpublished,
    CollectionUpdated,
)

DRAFT: Final = "draft"
ACTIVE: Final = "active"
#: Each event tells all of them. The database keeps it, too: r0300.
MOST_MEMBERS: Final = 1000

_UNTOUCHABLE: Final = frozenset({"id", "external_id", "status", "created_at", "updated_at"})
_CHANGEABLE: Final = tuple(field.name for field in fields(Collection) if field.name not in _UNTOUCHABLE)


def create(collection: Collection, now: datetime, fingerprint: bytes | None = None) -> Decision[Collection]:
    _check(collection)
    event = DatedEvent(CollectionCreated(collection=collection), now)
    return Decision(aggregate_id=collection.id, value=collection, happened=(event,), fingerprint=fingerprint)


def change(
    before: Versioned[Collection], wanted: Collection, now: datetime, fingerprint: bytes | None = None
) -> Decision[Collection] | None:
    """From what is there to what is wanted, the status set aside; None when nothing is different."""
    old = before.value
    changed = tuple(name for name in _CHANGEABLE if getattr(old, name) != getattr(wanted, name))
    if not changed:
        return None
    at = not_before(now, old.updated_at)
    new = replace(wanted, id=old.id, status=old.status, created_at=old.created_at, updated_at=at)
    if (old.rule is None) != (new.rule is None):
        message = "A collection has a rule for good, or its products are chosen for good: make another one."
        raise Invalid.field("rule", "other_kind", message)
    _check(new)
    return _one(before, new, CollectionUpdated(collection=new, changed=changed), at, fingerprint)


def put_in(
    before: Versioned[Collection], product_ids: Sequence[UUID], position: int | None, now: datetime
) -> Decision[Collection] | None:
    """At this place, or behind all others; those that are in it stay where they are."""
    held = before.value.product_ids
    new = [id_ for id_ in dict.fromkeys(product_ids) if id_ not in held]
    at = len(held) if position is None else position
    return _with_members(before, (*held[:at], *new, *held[at:]), now)


def take_out(before: Versioned[Collection], product_ids: Several[UUID], now: datetime) -> Decision[Collection] | None:
    """Those of them that are in it."""
    left = tuple(id_ for id_ in before.value.product_ids if id_ not in set(product_ids))
    return _with_members(before, left, now)


def move(
    before: Versioned[Collection], product_ids: Sequence[UUID], position: int, now: datetime
) -> Decision[Collection] | None:
    """To this place among the others, one behind another. Raises `Invalid` that names those which are not in it."""
    held = before.value.product_ids
    moved = tuple(dict.fromkeys(product_ids))
    if missing := [
        FieldError(f"product_ids.{at}", "unknown_product", f"There is no product {id_} in it.")
        for at, id_ in enumerate(product_ids)
        if id_ not in held
    ]:
        raise Invalid("Some products are not in it.", missing)
    others = [id_ for id_ in held if id_ not in set(moved)]
    return _with_members(before, (*others[:position], *moved, *others[position:]), now)


def publish(before: Versioned[Collection], now: datetime, fingerprint: bytes | None = None) -> Decision[Collection]:
    new = _moved(before, DRAFT, to=ACTIVE, now=now)
    return _one(before, new, CollectionPublished(collection=new), new.updated_at, fingerprint)


def unpublish(before: Versioned[Collection], now: datetime, fingerprint: bytes | None = None) -> Decision[Collection]:
    new = _moved(before, ACTIVE, to=DRAFT, now=now)
    return _one(before, new, CollectionUnpublished(collection=new), new.updated_at, fingerprint)


def bring_to(
    change: Decision[Collection] | None,
    before: Versioned[Collection],
    status: str,
    now: datetime,
    fingerprint: bytes | None = None,
) -> Decision[Collection] | None:
    """The change with the step to another status after it, if it needs one."""
    at = before if change is None else change.now
    if at.value.status == status:
        return change
    step = publish(at, now, fingerprint) if status == ACTIVE else unpublish(at, now, fingerprint)
    earlier = () if change is None else change.happened
    return replace(step, happened=(*earlier, *step.happened), was_at=before.version)


def delete(before: Versioned[Collection], now: datetime) -> Decision[Collection]:
    at = not_before(now, before.value.updated_at)
    return _one(before, before.value, CollectionDeleted(collection=before.value), at)


def wrong(collection: Collection) -> list[FieldError]:
    """What no collection may be."""
    found = []
    if not collection.translations:
        found.append(FieldError("translations", "too_short", "A collection has at least one translation."))
    if len({text.locale for text in collection.translations}) != len(collection.translations):
        found.append(FieldError("translations", "repeated", "A locale is translated twice."))
    if collection.status not in (DRAFT, ACTIVE):
        found.append(FieldError("status", "unknown_status", f"{collection.status} is no status of a collection."))
    if collection.rule is not None:
        if collection.product_ids:
            found.append(FieldError("product_ids", "has_a_rule", "Its rule says which products are in it."))
        found += [
            FieldError(f"rule.{one.field}", one.code, one.message) for one in collection_rules.wrong(collection.rule)
        ]
    if len(collection.product_ids) > MOST_MEMBERS:
        message = f"At most {MOST_MEMBERS} products are chosen for a collection; a rule may mean more."
        found.append(FieldError("product_ids", "too_long", message))
    if len(set(collection.product_ids)) != len(collection.product_ids):
        found.append(FieldError("product_ids", "repeated", "A product is in it twice."))
    return found


def _check(collection: Collection) -> None:
    if found := wrong(collection):
        raise Invalid("The collection breaks a rule.", found)


def _with_members(
    before: Versioned[Collection], product_ids: tuple[UUID, ...], now: datetime
) -> Decision[Collection] | None:
    if before.value.rule is not None:
        raise Conflict("Its rule says which products are in it.")
    return change(before, replace(before.value, product_ids=product_ids), now)


def _moved(before: Versioned[Collection], source: str, *, to: str, now: datetime) -> Collection:
    if before.value.status != source:
        raise IllegalTransition("collection", before.value.status, to)
    return replace(before.value, status=to, updated_at=not_before(now, before.value.updated_at))


def _one(
    before: Versioned[Collection],
    new: Collection,
    event: CollectionEvent,
    now: datetime,
    fingerprint: bytes | None = None,
) -> Decision[Collection]:
    return Decision(
        aggregate_id=new.id,
        value=new,
        happened=(DatedEvent(event, now),),
        was_at=before.version,
        fingerprint=fingerprint,
    )
