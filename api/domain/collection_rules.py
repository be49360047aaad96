"""Says which products a rule means, and which rules there can be.

A rule is data. Here it is held against one product; `api.store.collection_rules` says the same in SQL, about a shop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from api.domain.errors import FieldError
from api.domain.money import EXPONENTS, MOST_MINOR
from schemas.events.collection import CollectionRule, RuleCondition
from schemas.events.product import Product

#: The database keeps these, too: r0300.
MOST_CONDITIONS: Final = 20
MOST_VALUES: Final = 50
MOST_DAYS: Final = 3650
MATCHES: Final = frozenset({"all", "any"})
STATUSES: Final = frozenset({"draft", "active", "archived"})

#: Field → what a condition on it says, of the fields of `RuleCondition`.
SAYS: Final = {
    "tag": frozenset({"values"}),
    "brand": frozenset({"values"}),
    "category": frozenset({"values"}),
    "status": frozenset({"values"}),
    "price": frozenset({"currency", "least_minor", "most_minor"}),
    "created": frozenset({"since_at", "within_days"}),
    "in_stock": frozenset[str](),
}
_SAYABLE: Final = tuple(dict.fromkeys(name for names in SAYS.values() for name in sorted(names)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductNow:
    """A product, and whether any of its variants can be ordered."""

    product: Product
    in_stock: bool


def meets(rule: CollectionRule, found: ProductNow, now: datetime) -> bool:
    """Whether the product is in a collection with this rule."""
    answers = (_meets(one, found, now) for one in rule.conditions)
    return all(answers) if rule.match == "all" else any(answers)


def made_since(condition: RuleCondition, now: datetime) -> datetime:
    """What a condition on `created` comes to at this moment."""
    if condition.since_at is not None:
        return condition.since_at
    return now - timedelta(days=condition.within_days or 0)


def wrong(rule: CollectionRule) -> list[FieldError]:
    """What no rule may be; fields are named from the rule on."""
    found = []
    if rule.match not in MATCHES:
        found.append(FieldError("match", "unknown_match", "It is all or any."))
    if not 1 <= len(rule.conditions) <= MOST_CONDITIONS:
        message = f"A rule has 1 to {MOST_CONDITIONS} conditions."
        found.append(FieldError("conditions", "wrong_number", message))
    for at, one in enumerate(rule.conditions):
        found += [FieldError(f"conditions.{at}.{wrong.field}", wrong.code, wrong.message) for wrong in _wrong(one)]
    return found


def category_ids(rule: CollectionRule) -> list[tuple[str, UUID]]:
    """The categories it names, each with the path of the field it is in. The rule is right."""
    return [
        (f"conditions.{at}.values.{number}", UUID(value))
        for at, one in enumerate(rule.conditions)
        if one.field == "category"
        for number, value in enumerate(one.values)
    ]


def _meets(condition: RuleCondition, found: ProductNow, now: datetime) -> bool:
    product = found.product
    match condition.field:
        case "tag":
            return not set(condition.values).isdisjoint(product.tags)
        case "brand":
            return product.brand in condition.values
        case "category":
            return not set(condition.values).isdisjoint(map(str, product.category_path_ids))
        case "status":
            return product.status in condition.values
        case "price":
            return any(
                price.currency == condition.currency
                and (condition.least_minor is None or price.amount_minor >= condition.least_minor)
                and (condition.most_minor is None or price.amount_minor <= condition.most_minor)
                for variant in product.variants
                for price in variant.prices
            )
        case "created":
            return product.created_at >= made_since(condition, now)
        case "in_stock":
            return found.in_stock
    raise AssertionError(f"no rule has a condition on {condition.field}")


def _wrong(condition: RuleCondition) -> Sequence[FieldError]:
    says = SAYS.get(condition.field)
    if says is None:
        return [FieldError("field", "no_such_field", f"Conditions are on {', '.join(SAYS)}.")]
    given = {name for name in _SAYABLE if getattr(condition, name) not in (None, ())}
    found = [
        FieldError(name, "does_not_fit", f"A condition on {condition.field} says nothing of {name}.")
        for name in sorted(given - says)
    ]
    if "values" in says:
        return [*found, *_wrong_values(condition)]
    if condition.field == "price":
        return [*found, *_wrong_price(condition)]
    if condition.field == "created":
        return [*found, *_wrong_days(condition, given)]
    return found


def _wrong_values(condition: RuleCondition) -> list[FieldError]:
    if not 1 <= len(condition.values) <= MOST_VALUES:
        message = f"A condition on {condition.field} has 1 to {MOST_VALUES} values."
        return [FieldError("values", "wrong_number", message)]
    return [
        FieldError(f"values.{at}", f"unknown_{condition.field}", f"There is no {condition.field} {value}.")
        for at, value in enumerate(condition.values)
        if (condition.field == "status" and value not in STATUSES)
        or (condition.field == "category" and not _is_id(value))
    ]


def _wrong_price(condition: RuleCondition) -> list[FieldError]:
    found = []
    if condition.currency not in EXPONENTS:
        found.append(FieldError("currency", "unknown_currency", "A price is in a currency of ISO 4217."))
    bounds = [one for one in (condition.least_minor, condition.most_minor) if one is not None]
    if not bounds:
        found.append(FieldError("least_minor", "missing", "A price has a least or a most, or both."))
    elif not all(0 <= one <= MOST_MINOR for one in bounds):
        found.append(FieldError("least_minor", "out_of_range", f"A price is 0 to {MOST_MINOR}."))
    elif bounds != sorted(bounds):
        found.append(FieldError("most_minor", "out_of_order", "The most has to be the least or more."))
    return found


def _wrong_days(condition: RuleCondition, given: set[str]) -> list[FieldError]:
    if len(given & SAYS["created"]) != 1:
        return [FieldError("since_at", "wrong_number", "Say either since_at or within_days.")]
    if condition.within_days is not None and not 1 <= condition.within_days <= MOST_DAYS:
        return [FieldError("within_days", "out_of_range", f"It is 1 to {MOST_DAYS} days.")]
    return []


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
