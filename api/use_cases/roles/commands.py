"""What people ask of roles and command."""

from typing import Literal

from pydantic import Field

from api.domain.permissions import Grant, Scope
from api.use_cases.fields import Input, Name

_NONE = "none"


class GrantBody(Input):
    resource: str = Field(max_length=100, description="As in the permissions: `orders`.")
    actions: list[str] = Field(min_length=1, max_length=20, description="As in the permissions: `read`, `list`.")
    scope: Literal["all", "own", "none"] = Field(
        default="all", description="`none` takes the actions away, whatever else gives them."
    )

    def grant(self) -> Grant:
        return Grant(self.resource, frozenset(self.actions), None if self.scope == _NONE else Scope(self.scope))

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
        return cls(resource=grant.resource, actions=sorted(grant.actions), scope=scope)


class NewRole(Input):
    name: Name
    grants: list[GrantBody] = Field(max_length=100)


class RoleChange(Input):
    """What is missing stays as it is."""

    name: Name | None = None
    grants: list[GrantBody] | None = Field(default=None, max_length=100)
