"""Chooses the products of a collection one by one or several at once: puts them in, takes them out, moves them."""

from uuid import UUID

from api.domain import collections as domain
from api.domain.changes import ANY_VERSION, Expected, Versioned
from api.store.unit_of_work import UnitOfWork
from api.use_cases.collections.change_collection import held_collection, saved
from api.use_cases.collections.collection_parts import require_products
from api.use_cases.collections.commands import ProductsMoved, ProductsPutIn, ProductsTakenOut
from schemas.events.collection import Collection


def put_products_in(
    work: UnitOfWork, collection_id: UUID, command: ProductsPutIn, expected: Expected = ANY_VERSION
) -> Versioned[Collection]:
    """Those that are in it already stay where they are."""
    held = held_collection(work, collection_id, expected)
    require_products(work, command.product_ids, held.value.product_ids)
    return saved(work, held, domain.put_in(held, command.product_ids, command.position, work.now))


def take_products_out(
    work: UnitOfWork, collection_id: UUID, command: ProductsTakenOut, expected: Expected = ANY_VERSION
) -> Versioned[Collection]:
    """Those that are not in it make no difference."""
    held = held_collection(work, collection_id, expected)
    return saved(work, held, domain.take_out(held, command.product_ids, work.now))


def move_products(
    work: UnitOfWork, collection_id: UUID, command: ProductsMoved, expected: Expected = ANY_VERSION
) -> Versioned[Collection]:
    """Raises `Invalid` that names those which are not in it."""
    held = held_collection(work, collection_id, expected)
    return saved(work, held, domain.move(held, command.product_ids, command.position, work.now))


def leave_collections(work: UnitOfWork, product_id: UUID) -> None:
    """A product that is deleted leaves all collections that it was chosen for; before it goes."""
    changes = [domain.take_out(held, [product_id], work.now) for held in work.collections.hold_those_with(product_id)]
    work.save_together(work.collections, [change for change in changes if change is not None])
