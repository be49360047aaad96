"""Says what is there as an import would take it, so that what one shop exports another takes in."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from uuid import UUID

from api.domain.changes import Versioned
from api.domain.collection_rules import category_ids
from api.store.view import View
from api.use_cases.categories.commands import ImportedCategory
from api.use_cases.collections.commands import ImportedCollection
from api.use_cases.fields import AS_STORED
from api.use_cases.products.attribute_values import plain_attributes
from api.use_cases.products.commands import ImportedProduct
from schemas.events.category import Category
from schemas.events.collection import Collection, CollectionRule
from schemas.events.product import Product


def importable_products(view: View, held: Sequence[Versioned[Product]]) -> list[ImportedProduct]:
    """Ids stay behind: what has no external id is called by its own."""
    named = _names(view, {id_ for one in held for id_ in one.value.category_ids})
    related = view.products.names({id_ for one in held for id_ in one.value.related_ids})
    return [
        ImportedProduct.model_validate(
            {
                **asdict(one.value),
                "external_id": one.value.external_id or str(one.value.id),
                "categories": [named[id_] for id_ in one.value.category_ids],
                "attributes": plain_attributes(one.value.typed_attributes),
                "related": [related[id_] for id_ in one.value.related_ids if id_ in related],
            },
            extra="ignore",
            context=AS_STORED,
        )
        for one in held
    ]


def importable_categories(view: View, held: Sequence[Versioned[Category]]) -> list[ImportedCategory]:
    named = _names(view, {one.value.parent_id for one in held if one.value.parent_id is not None})
    return [
        ImportedCategory.model_validate(
            {
                **asdict(one.value),
                "external_id": _name(one.value),
                "parent": None if one.value.parent_id is None else named[one.value.parent_id],
            },
            extra="ignore",
        )
        for one in held
    ]


def importable_collections(view: View, held: Sequence[Versioned[Collection]]) -> list[ImportedCollection]:
    """A product or category without an external id, or that is no more, is called by its id."""
    products = view.collections.names_of_products({id_ for one in held for id_ in one.value.product_ids})
    rules = [one.value.rule for one in held if one.value.rule is not None]
    categories = _names(view, {id_ for rule in rules for _, id_ in category_ids(rule)})
    return [
        ImportedCollection.model_validate(
            {
                **asdict(one.value),
                "external_id": one.value.external_id or str(one.value.id),
                "rule": None if one.value.rule is None else _rule(one.value.rule, categories),
                "products": [products[id_] for id_ in one.value.product_ids],
            },
            extra="ignore",
        )
        for one in held
    ]


def _rule(rule: CollectionRule, categories: Mapping[UUID, str]) -> dict[str, object]:
    conditions = [
        {**asdict(one), "values": [categories.get(UUID(id_), id_) for id_ in one.values]}
        if one.field == "category"
        else asdict(one)
        for one in rule.conditions
    ]
    return {"match": rule.match, "conditions": conditions}


def _names(view: View, ids: set[UUID]) -> Mapping[UUID, str]:
    return {id_: _name(held.value) for id_, held in view.categories.load(ids).items()}


def _name(category: Category) -> str:
    return category.external_id or str(category.id)
