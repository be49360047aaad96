"""Deletes a category that nothing is in, or puts what is in it into its parent first."""

from typing import Final
from uuid import UUID

from api.domain import categories as domain
from api.domain import products
from api.domain.changes import ANY_VERSION, Expected, Versioned
from api.domain.errors import Conflict, Forbidden
from api.store.unit_of_work import UnitOfWork
from api.use_cases.categories.move_category import TREE
from api.use_cases.categories.parents import existing_parent
from api.use_cases.require_found import found
from schemas.events.category import Category

#: As many are changed in one transaction, in a few seconds; of a larger category they are moved before.
MOST_PRODUCTS: Final = 5000


def delete_category(
    work: UnitOfWork, category_id: UUID, *, reparent: bool = False, expected: Expected = ANY_VERSION
) -> Versioned[Category]:
    """What it was. Raises `NotFound`, `VersionMismatch`, and `Conflict` for one that is not empty."""
    work.take_turns(TREE, alone=True)
    held = found(work.categories.get, "category", category_id)
    expected.require(held)
    below = work.categories.below(category_id)
    inside = work.categories.products_in(category_id, MOST_PRODUCTS + 1)
    if reparent:
        _lift(work, held.value, below)
        _put_into_parent(work, held.value, inside)
        below, inside = [], []
    children = sum(one.value.parent_id == category_id for one in below)
    return work.save(
        work.categories, domain.delete(held, categories_in=children, products_in=len(inside), now=work.now)
    )


def _lift(work: UnitOfWork, category: Category, below: list[Versioned[Category]]) -> None:
    """Everything below it one level up."""
    parent = existing_parent(work, category.parent_id)
    changes = [
        change
        for child in below
        if child.value.parent_id == category.id
        for change in domain.move(
            child,
            parent=parent,
            below=[one for one in below if child.value.id in one.value.path[:-1]],
            now=work.now,
        )
    ]
    if changes:
        work.save_together(work.categories, changes)


def _put_into_parent(work: UnitOfWork, category: Category, inside: list[UUID]) -> None:
    """Products of a root lose it, and are in no category in its place."""
    if not inside:
        return
    if not work.access.actor.reaches_all("products:update"):
        raise Forbidden("Products are in it, and you may not change all products.")
    if len(inside) > MOST_PRODUCTS:
        message = f"More than {MOST_PRODUCTS} products are in it: put them elsewhere before."
        raise Conflict(message)
    held = work.products.load(inside)
    kept = {id_ for one in held.values() for id_ in one.value.category_ids} - {category.id}
    paths = work.categories.paths(kept | set(category.path[:-1][-1:]))
    changes = []
    for one in held.values():
        ids = [category.parent_id if id_ == category.id else id_ for id_ in one.value.category_ids]
        placed = [paths[id_] for id_ in dict.fromkeys(ids) if id_ is not None]
        changes.append(products.put_elsewhere(one, placed, work.now))
    work.save_together(work.products, changes)
