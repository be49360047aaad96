"""Shows, hides, tags and places many products at once, each as its single command would."""

from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

from api.domain import products as domain
from api.domain.changes import Decision, Versioned
from api.store.unit_of_work import UnitOfWork
from api.use_cases.bulk.chained_changes import ChainedChanges, Outcome
from api.use_cases.imports.items import Item
from api.use_cases.products.category_paths import Path
from api.use_cases.products.change_product import decide_change
from api.use_cases.products.commands import ProductChange
from api.use_cases.products.many_commands import (
    MoveName,
    ProductAction,
    ProductCategories,
    ProductItem,
    ProductMove,
    ProductTags,
)
from api.use_cases.products.move_product import Step
from schemas.events.product import Product
from schemas.product_words import distinct_words, word_key

_STEPS: Mapping[MoveName, Step] = {
    "publish": domain.publish,
    "unpublish": domain.unpublish,
    "archive": domain.archive,
}


def change_products(work: UnitOfWork, items: Sequence[Item[ProductItem]]) -> list[Outcome[Product]]:
    """What became of each, in their order."""
    given = [item.value.root for item in items if item.value is not None]
    held = work.products.hold({one.id for one in given})
    paths = _paths(work, given, held)
    chained = ChainedChanges(work, "product", held)
    for item in items:
        if item.value is None:
            chained.refuse(item.wrong)
            continue
        one = item.value.root
        chained.decide(one.id, one.version, partial(_decide, work, one, paths))
    return chained.save(work.products)


def _paths(
    work: UnitOfWork, given: Sequence[ProductAction], held: Mapping[UUID, Versioned[Product]]
) -> Mapping[UUID, Path]:
    """Of all categories that are named, or that a product of these is in: empty where no item names one."""
    placed = [one for one in given if isinstance(one, ProductCategories)]
    named = {id_ for one in placed for id_ in one.category_ids}
    kept = {id_ for one in placed if one.id in held for id_ in held[one.id].value.category_ids}
    return work.categories.paths(named | kept) if placed else {}


def _decide(
    work: UnitOfWork, one: ProductAction, paths: Mapping[UUID, Path], held: Versioned[Product]
) -> Decision[Product] | None:
    """Raises as the single commands, and `ValidationError` for more of something than a product has."""
    match one:
        case ProductMove():
            return _STEPS[one.action](held, work.now)
        case ProductTags():
            command = ProductChange(tags=list(_tags(held.value.tags, one)))
        case ProductCategories():
            command = ProductChange(category_ids=list(_categories(held.value.category_ids, one)))
    return decide_change(work, held, command, paths)


def _tags(old: Sequence[str], one: ProductTags) -> tuple[str, ...]:
    if one.action == "add_tags":
        return distinct_words([*old, *one.tags])
    gone = {word_key(tag) for tag in one.tags}
    return tuple(tag for tag in old if word_key(tag) not in gone)


def _categories(old: Sequence[UUID], one: ProductCategories) -> tuple[UUID, ...]:
    if one.action == "add_categories":
        return tuple(dict.fromkeys((*old, *one.category_ids)))
    return tuple(id_ for id_ in old if id_ not in one.category_ids)
