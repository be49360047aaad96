"""Says whose prices somebody is shown: those of the group they are in, and nobody names another for themselves."""

from collections.abc import Callable

from api.domain.errors import Forbidden
from api.domain.permissions import Scope
from api.domain.scope import Access

#: The group that somebody is in who is called so; None: they are in none, or are no user of this shop.
GroupOf = Callable[[str], str | None]


def group_of_asker(access: Access, named: str | None, group_of: GroupOf) -> str | None:
    """The group that the shop's own people name, the one that a signed-in customer is in; None: everybody's prices.

    Raises `Forbidden` for anybody else who names one.
    """
    if access.scope is Scope.ALL:
        return named
    if named is not None:
        require_own_people(access)
    return group_of(access.actor.actor_id)


def require_own_people(access: Access) -> None:
    """Raises `Forbidden`."""
    if access.scope is not Scope.ALL:
        raise Forbidden("Only the shop's own people ask for the prices of a group or a list.")
