"""What people ask of roles and command."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    Field,
    StrictInt,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from api.domain.condition_rules import MOST_VALUES
from api.domain.conditions import Condition, Op
from api.domain.grants import MOST_CONDITIONS
from api.domain.money import MOST_MINOR
from api.domain.permissions import Grant, Scope
from api.store.roles import LIST
from api.use_cases.fields import Currency, Input, Name
from api.use_cases.pages import PageAsked

_NONE = "none"


Operand = Annotated[StrictInt, Field(ge=-MOST_MINOR, le=MOST_MINOR)] | Annotated[str, StringConstraints(max_length=300)]


def _one_complaint(given: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """Not one for each thing that it could have been."""
    try:
        return read(given)
    except ValidationError as wrong:
        says = "It is a text, a whole number or a list of them; an amount is in the smallest unit: 10000 for 100.00."
        raise PydanticCustomError("no_value", says) from wrong


Operands = Annotated[Operand | Annotated[list[Operand], Field(max_length=MOST_VALUES)], WrapValidator(_one_complaint)]


class ConditionBody(Input):
    field: str = Field(max_length=100, description="Of the thing, as `status`, or of who asks: `time`.")
    op: Op
    value: Operands = Field(
        description="`in` takes a list, `between` a list of the first and the last. Amounts are minor units."
    )
    currency: Currency | None = Field(default=None, description="Of an amount, and needed there.")

    def condition(self) -> Condition:
        values = tuple(self.value) if isinstance(self.value, list) else (self.value,)
        return Condition(self.field, self.op, values, self.currency)

    @classmethod
    def of(cls, condition: Condition) -> "ConditionBody":
        several = condition.op in (Op.IN, Op.BETWEEN)
        value = list(condition.values) if several else condition.values[0]
        return cls(field=condition.field, op=condition.op, value=value, currency=condition.currency)


class GrantBody(Input):
    resource: str = Field(max_length=100, description="As in the permissions: `orders`.")
    actions: list[Annotated[str, StringConstraints(max_length=100)]] = Field(
        min_length=1, max_length=20, description="As in the permissions: `read`, `list`."
    )
    scope: Literal["all", "own", "none"] = Field(
        default="all", description="`none` takes the actions away, whatever else gives them."
    )

    when: list[ConditionBody] = Field(
        default=[], max_length=MOST_CONDITIONS, description="Conditions, all of which are to hold."
    )

    def grant(self) -> Grant:
        scope = None if self.scope == _NONE else Scope(self.scope)
        return Grant(self.resource, frozenset(self.actions), scope, tuple(one.condition() for one in self.when))

    @classmethod
    def of(cls, grant: Grant) -> "GrantBody":
        scope: Literal["all", "own", "none"]
        match grant.scope:
            case None:
                scope = "none"
            case Scope.OWN:
                scope = "own"
            case Scope.ALL | Scope.PUBLISHED:
                scope = "all"
        when = [ConditionBody.of(one) for one in grant.when]
        return cls(resource=grant.resource, actions=sorted(grant.actions), scope=scope, when=when)


class NewRole(Input):
    name: Name
    grants: list[GrantBody] = Field(max_length=100)


class RoleChange(Input):
    """What is missing stays as it is."""

    name: Name | None = None
    grants: list[GrantBody] | None = Field(default=None, max_length=100)


class RolesAsked(PageAsked):
    TABLE: ClassVar = LIST

    sort: Literal["oldest", "newest", "name"] = "oldest"
