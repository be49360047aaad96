"""Changes what is named of a product; a list replaces the whole list."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Any
from uuid import UUID

from api.domain import products as domain
from api.domain.changes import ANY_VERSION, Decision, Expected, Versioned
from api.domain.products import with_ancestors
from api.store.unit_of_work import UnitOfWork
from api.use_cases.products.attribute_values import typed
from api.use_cases.products.category_paths import Path, category_paths
from api.use_cases.products.commands import ProductChange
from api.use_cases.products.product_parts import images, option_texts, options, texts, texts_of_these, variants
from api.use_cases.products.related_products import related_ids
from api.use_cases.require_found import found
from api.use_cases.stock.manage_stock import forget_lost_variants
from schemas.events.product import Product
from schemas.product_attributes import attribute_texts
from schemas.product_words import distinct_words


def change_product(
    work: UnitOfWork, product_id: UUID, command: ProductChange, expected: Expected = ANY_VERSION
) -> Versioned[Product]:
    """As it was when nothing is different. Raises `NotFound`, `VersionMismatch`, `Invalid`, `Taken`."""
    held = found(work.products.get, "product", product_id)
    expected.require(held)
    change = decide_change(work, held, command, work.categories.paths(command.category_ids))
    if change is None:
        return held
    if "variants" in command.model_fields_set:
        forget_lost_variants(work, product_id, [variant.id for variant in change.value.variants])
    return work.save(work.products, change)


def decide_change(
    work: UnitOfWork, held: Versioned[Product], command: ProductChange, there: Mapping[UUID, Path]
) -> Decision[Product] | None:
    """`there` are the ways to the categories it names, as far as they are there. Raises `Invalid`, `Conflict`."""
    paths = category_paths(command.category_ids, there, "category_ids")
    return domain.change(held, _changed(work, held.value, command, paths), work.now)


def _changed(work: UnitOfWork, old: Product, command: ProductChange, placed: Sequence[Path]) -> Product:
    """The old product with what the client named."""
    named = command.model_fields_set
    new = replace(old, **_facts(command, named))
    if "variants" in named:
        new = replace(new, variants=variants(work, command.variants, old.variants))
        new = replace(new, options=tuple(dict.fromkeys((*old.options, *options(new.variants)))))
    if "options" in named:
        new = replace(new, options=tuple(command.options))
        new = replace(new, option_texts=texts_of_these(old.option_texts, new.options))
    if "option_texts" in named:
        new = replace(new, option_texts=option_texts(command.option_texts))
    if "translations" in named:
        new = replace(new, translations=texts(old.id, command.translations, new.variants[0].sku, old.translations))
    if "category_ids" in named:
        new = replace(new, category_ids=tuple(path[-1] for path in placed), category_path_ids=with_ancestors(placed))
    if "related_ids" in named:
        new = replace(new, related_ids=related_ids(work, command.related_ids))
    return new


def _facts(command: ProductChange, named: Set[str]) -> dict[str, Any]:
    """What is named and depends on nothing else."""
    attributes = typed(command.attributes)
    facts: dict[str, dict[str, Any]] = {
        "brand": {"brand": command.brand},
        "images": {"images": images(command.images)},
        "tags": {"tags": distinct_words(command.tags)},
        "attributes": {"attributes": attribute_texts(attributes), "typed_attributes": attributes},
    }
    return {field: value for name, fields in facts.items() if name in named for field, value in fields.items()}
