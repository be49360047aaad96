"""Who asks, of which shop, and how much of what they ask for they reach: scopes and conditions are applied here and
nowhere else.

What an access does not reach is not there: the store narrows its tables by these conditions before anything is read,
and refuses what would become something that they do not let through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from api.domain.conditions import FIELDS, Surroundings, row_condition
from api.domain.errors import Forbidden
from api.domain.grants import Weighed, weigh
from api.domain.permissions import GRANTS, Grant, Role, Scope
from schemas.events.tenant import Tenant
from schemas.row_conditions import EVERY_ROW, Not, OneOf, RowCondition, all_of, any_of


@dataclass(frozen=True, slots=True)
class Reach:
    """How far somebody reaches with a permission here and now: within `scope`, the rows that meet `rows`.

    `passing`: at another moment, or from somewhere else, it may be another answer.
    """

    scope: Scope
    rows: RowCondition = EVERY_ROW
    passing: bool = False


#: Whose row the platform's own commands belong to: no tenant's.
NO_TENANT: Final = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks. Roles of the platform have no tenant, all others have one.

    Who signed in with a password is a user, and has a session; `grants` are those besides their role's.
    """

    tenant_id: UUID | None
    tenant_slug: str | None
    actor_id: str
    role: Role
    session_id: UUID | None = None
    grants: tuple[Grant, ...] = ()

    @property
    def all_grants(self) -> Sequence[Grant]:
        return (*GRANTS[self.role], *self.grants)

    def scope_of(self, permission: str) -> Scope | None:
        """How far they may reach with it, conditions set aside; None when they have it not."""
        return weigh(self.all_grants, permission).scope

    def reaches_all(self, permission: str) -> bool:
        """Whether they have it for everything, whatever the conditions are."""
        weighed = weigh(self.all_grants, permission)
        return weighed.scope is Scope.ALL and not weighed.has_conditions

    def reach(self, permission: str, around: Surroundings) -> Reach | None:
        """None when they have it not, or not here and now."""
        weighed = weigh(self.all_grants, permission)
        if not weighed.has_conditions:
            return None if weighed.scope is None else Reach(weighed.scope)
        now = weighed.now(around)
        if now.scope is None:
            return None
        rows = _rows(now, now.scope, permission.partition(":")[0], self.actor_id)
        return Reach(now.scope, rows, passing=weighed.depends_on_surroundings)


#: The field that names whose a thing is.
_OWNER: Final = {"orders": "customer_ref", "payments": "customer_ref"}
#: Who is let in to one resource meets another through it: a payment is whose its order is.
_THROUGH: Final = {"payments": "orders"}
#: What makes a thing published; of any other resource all of it is.
_PUBLISHED: Final = {
    **{resource: OneOf("status", ("active",)) for resource in ("collections", "products")},
    "pages": OneOf("status", ("published",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An actor who was let in to a resource, as far as `scope` and `rows` say.

    `tenant` is None for the platform's own people.
    """

    actor: Actor
    resource: str
    scope: Scope
    tenant: Tenant | None
    rows: RowCondition = EVERY_ROW

    @property
    def shop(self) -> Tenant:
        """The shop this is about. Raises `Forbidden` when it is about none."""
        if self.tenant is None:
            raise Forbidden("This token belongs to no tenant.")
        return self.tenant

    def reached(self, resource: str) -> RowCondition:
        """What a thing has to be to be there for this actor. Who sees what is published sees no draft of anything."""
        if resource not in (self.resource, _THROUGH.get(self.resource)):
            return scope_rows(Scope.PUBLISHED, resource, "") if self.scope is Scope.PUBLISHED else EVERY_ROW
        return all_of(scope_rows(self.scope, resource, self.actor.actor_id), self.rows)

    def owner(self, named: str | None) -> str | None:
        """Whose a new thing is, or whose things are asked for. Raises `Forbidden` for somebody else's."""
        if self.scope != Scope.OWN:
            return named
        if named not in (None, self.actor.actor_id):
            raise Forbidden("These are somebody else's orders.")
        return self.actor.actor_id


def time_zone_of(shop: Tenant | None) -> str:
    """Where the day of a shop is told; that of the platform is UTC's."""
    return "UTC" if shop is None else shop.time_zone


def grant_rows(grant: Grant) -> RowCondition:
    """What the conditions of a grant say of a thing."""
    fields = FIELDS.get(grant.resource, {})
    return all_of(*(row_condition(grant.resource, one) for one in grant.when if one.field in fields))


@lru_cache(maxsize=4096)
def _rows(weighed: Weighed, scope: Scope, resource: str, actor_id: str) -> RowCondition:
    """What is left to say when the scope has been said."""
    given = (
        all_of(EVERY_ROW if one.scope == scope else scope_rows(one.scope, resource, actor_id), grant_rows(one))
        for one in weighed.given
    )
    return all_of(any_of(*given), *(Not(grant_rows(one)) for one in weighed.taken))


def scope_rows(scope: Scope | None, resource: str, actor_id: str) -> RowCondition:
    """What a scope says of a thing."""
    match scope:
        case Scope.PUBLISHED if resource in _PUBLISHED:
            return _PUBLISHED[resource]
        case Scope.OWN if resource in _OWNER:
            return OneOf(_OWNER[resource], (actor_id,))
    return EVERY_ROW
