"""Who asks, of which shop, and how much of what they ask for they reach: a scope is applied here and nowhere else.

What an access does not reach is not there: the store narrows its tables by these conditions before anything is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from api.domain.errors import Forbidden
from api.domain.grants import reach
from api.domain.permissions import GRANTS, Grant, Role, Scope
from schemas.events.tenant import Tenant


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
        """How far they reach with it; None when they have it not."""
        return reach(self.all_grants, permission)


@dataclass(frozen=True, slots=True)
class Condition:
    """That a field of a thing has this value."""

    field: str
    value: str


#: The field that names whose a thing is.
_OWNER: Final = {"orders": "customer_ref"}
#: What makes a thing published; of any other resource all of it is.
_PUBLISHED: Final = {"products": Condition("status", "active")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An actor who was let in to a resource, as far as `scope` says; `tenant` is None for the platform's own people."""

    actor: Actor
    resource: str
    scope: Scope
    tenant: Tenant | None

    @property
    def shop(self) -> Tenant:
        """The shop this is about. Raises `Forbidden` when it is about none."""
        if self.tenant is None:
            raise Forbidden("This token belongs to no tenant.")
        return self.tenant

    def conditions(self, resource: str) -> tuple[Condition, ...]:
        """What a thing has to be to be there for this actor."""
        if resource != self.resource:
            return ()
        match self.scope:
            case Scope.ALL:
                return ()
            case Scope.PUBLISHED:
                return (_PUBLISHED[resource],) if resource in _PUBLISHED else ()
            case Scope.OWN:
                return (Condition(_OWNER[resource], self.actor.actor_id),) if resource in _OWNER else ()

    def owner(self, named: str | None) -> str | None:
        """Whose a new thing is, or whose things are asked for. Raises `Forbidden` for somebody else's."""
        if self.scope != Scope.OWN:
            return named
        if named not in (None, self.actor.actor_id):
            raise Forbidden("These are somebody else's orders.")
        return self.actor.actor_id
