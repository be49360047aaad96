"""Writes a rule of a collection as SQL about a product `p`: `api.domain.collection_rules` says the same of one product.

Each condition is one that an index can answer. Operators of arrays would be kept away from theirs by row-level
security, which is why tags have a table.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from api.domain.collection_rules import made_since
from api.store import column_arrays
from schemas.events.collection import CollectionRule, RuleCondition

Values = dict[str, Any]
#: Category → itself and all that is below it.
Subtrees = Mapping[UUID, Sequence[UUID]]

_TAG: Final = "EXISTS (SELECT FROM product_tags t WHERE t.tenant_id = p.tenant_id AND t.product_id = p.id AND t.tag {})"
_CATEGORY: Final = (
    "EXISTS (SELECT FROM product_categories c"
    " WHERE c.tenant_id = p.tenant_id AND c.product_id = p.id AND c.category_id {})"
)
_PRICE: Final = (
    "EXISTS (SELECT FROM variants v JOIN prices r ON r.tenant_id = v.tenant_id AND r.variant_id = v.id"
    " WHERE v.tenant_id = p.tenant_id AND v.product_id = p.id AND r.currency = {}{})"
)
#: What is not counted sells as if there were enough.
IN_STOCK: Final = """EXISTS (
    SELECT FROM variants v WHERE v.tenant_id = p.tenant_id AND v.product_id = p.id AND (
        NOT EXISTS (SELECT FROM stock s WHERE s.tenant_id = v.tenant_id AND s.variant_id = v.id)
        OR EXISTS (
            SELECT FROM stock s
            WHERE s.tenant_id = v.tenant_id AND s.variant_id = v.id AND (s.backorder OR s.on_hand > s.reserved)
        )
    )
)"""


class RuleText:
    """What follows a WHERE: products are meant that any of `branches` is true of. `values` are their parameters.

    Of a rule that takes any of its conditions, each is a branch, so that each is looked up in its own index.
    """

    def __init__(self, rule: CollectionRule, subtrees: Subtrees, now: datetime) -> None:
        self.values: Values = {}
        self._subtrees = subtrees
        self._now = now
        written = [self._written(one) for one in rule.conditions]
        self.branches: Sequence[str] = [" AND ".join(written)] if rule.match == "all" else written

    def _written(self, condition: RuleCondition) -> str:
        match condition.field:
            case "tag":
                return _TAG.format(self._one_of(condition.values))
            case "brand":
                return f"p.brand {self._one_of(condition.values)}"
            case "status":
                return f"p.status {self._one_of(condition.values)}"
            case "category":
                below = {id_ for value in condition.values for id_ in self._subtrees.get(UUID(value), ())}
                return _CATEGORY.format(f"= ANY ({self._parameter(column_arrays.ids(sorted(below)))}::uuid[])")
            case "price":
                bounds = (
                    ("AND r.amount_minor >=", condition.least_minor),
                    ("AND r.amount_minor <=", condition.most_minor),
                )
                limits = [f" {bound} {self._parameter(amount)}" for bound, amount in bounds if amount is not None]
                return _PRICE.format(self._parameter(condition.currency), "".join(limits))
            case "created":
                return f"p.created_at >= {self._parameter(made_since(condition, self._now))}"
            case "in_stock":
                return IN_STOCK
        raise AssertionError(f"no rule has a condition on {condition.field}")

    def _one_of(self, values: Sequence[str]) -> str:
        if len(values) == 1:
            return f"= {self._parameter(values[0])}"
        return f"= ANY ({self._parameter(column_arrays.texts(values))}::text[])"

    def _parameter(self, value: Any) -> str:
        name = f"rule_{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"
