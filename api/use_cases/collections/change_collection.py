"""Changes what is named of a collection, shows it, hides it, deletes it."""

from dataclasses import replace
from uuid import UUID

from api.domain import collections as domain
from api.domain.changes import ANY_VERSION, Decision, Expected, Versioned
from api.store.unit_of_work import UnitOfWork
from api.use_cases.collections.collection_parts import require_categories, require_products, rule, texts
from api.use_cases.collections.commands import CollectionChange
from api.use_cases.require_found import found
from schemas.events.collection import Collection


def change_collection(
    work: UnitOfWork, collection_id: UUID, command: CollectionChange, expected: Expected = ANY_VERSION
) -> Versioned[Collection]:
    """As it was when nothing is different. Raises `NotFound`, `VersionMismatch`, `Invalid`, `Taken`."""
    held = held_collection(work, collection_id, expected)
    new = held.value
    if command.translations is not None:
        new = replace(new, translations=texts(collection_id, command.translations, new.translations))
    if command.rule is not None:
        new = replace(new, rule=rule(command.rule))
        require_categories(work, new.rule)
    if command.product_ids is not None:
        require_products(work, command.product_ids, new.product_ids)
        new = replace(new, product_ids=tuple(command.product_ids))
    return saved(work, held, domain.change(held, new, work.now))


def publish_collection(
    work: UnitOfWork, collection_id: UUID, expected: Expected = ANY_VERSION
) -> Versioned[Collection]:
    """draft → active."""
    held = held_collection(work, collection_id, expected)
    return saved(work, held, domain.publish(held, work.now))


def unpublish_collection(
    work: UnitOfWork, collection_id: UUID, expected: Expected = ANY_VERSION
) -> Versioned[Collection]:
    """active → draft."""
    held = held_collection(work, collection_id, expected)
    return saved(work, held, domain.unpublish(held, work.now))


def delete_collection(work: UnitOfWork, collection_id: UUID, expected: Expected = ANY_VERSION) -> Versioned[Collection]:
    """What it was. Its products stay."""
    held = held_collection(work, collection_id, expected)
    return saved(work, held, domain.delete(held, work.now))


def held_collection(work: UnitOfWork, collection_id: UUID, expected: Expected) -> Versioned[Collection]:
    """Whoever else wants to change it waits. Raises `NotFound`, `VersionMismatch`."""
    held = found(work.collections.hold, "collection", collection_id)
    expected.require(held)
    return held


def saved(work: UnitOfWork, held: Versioned[Collection], change: Decision[Collection] | None) -> Versioned[Collection]:
    """As it was when nothing is different."""
    return held if change is None else work.save(work.collections, change)
