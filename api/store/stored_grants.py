"""Writes grants into columns and documents, and reads them: a row of `role_grants`, a document of a service token."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from api.domain.conditions import Condition, Op
from api.domain.permissions import Grant, Scope

NONE: Final = "none"
#: Of a row `g` of `role_grants`, what `grants_of` reads.
AS_LIST: Final = "jsonb_build_array(g.resource, g.actions, g.scope, g.conditions)"


def scope_text(grant: Grant) -> str:
    return NONE if grant.scope is None else grant.scope.value


def conditions_list(grant: Grant) -> list[list[Any]]:
    return [[one.field, one.op.value, list(one.values), one.currency] for one in grant.when]


def grants_of(stored: Iterable[Sequence[Any]] | None) -> tuple[Grant, ...]:
    """From `[resource, actions, scope, conditions]` of each."""
    return tuple(
        Grant(resource, frozenset(actions), None if scope == NONE else Scope(scope), tuple(map(_condition, conditions)))
        for resource, actions, scope, conditions in stored or ()
    )


def _condition(stored: Sequence[Any]) -> Condition:
    field, op, values, currency = stored
    return Condition(field, Op(op), tuple(values), currency)
