"""Weighs grants: how far all that somebody has let them reach, and what they may hand on to others.

What takes a permission away wins over everything that gives it. Nobody hands on more than they have.
"""

from collections.abc import Sequence
from typing import Final

from api.domain.errors import Forbidden, Invalid
from api.domain.permissions import ACTIONS, RESOURCES, Grant, Scope

#: Of these it is known whose they are; of any other, "their own" would be all of them.
OWNED: Final = frozenset({"orders", "schemas"})
PERMISSIONS: Final = tuple(f"{resource}:{action}" for resource in sorted(RESOURCES) for action in sorted(ACTIONS))
MOST_GRANTS: Final = 100


def reach(grants: Sequence[Grant], permission: str) -> Scope | None:
    """How far they let somebody reach; None when they do not, or one of them takes it away."""
    scopes = _scopes(grants, permission)
    if None in scopes or not scopes:
        return None
    return Scope.ALL if Scope.ALL in scopes else scopes[0]


def exceeding(maker: Sequence[Grant], wanted: Sequence[Grant]) -> list[str]:
    """The permissions that somebody with `wanted` has and the maker has not, or not as far."""
    return [name for name in PERMISSIONS if not _covers(reach(maker, name), reach(wanted, name))]


def widening(maker: Sequence[Grant], before: Sequence[Grant], after: Sequence[Grant]) -> list[str]:
    """The permissions that a role gives after a change, or does not take away any more, and its maker has not.

    Who has the role may have other grants beside it: what is not taken away any more counts as given in full.
    """
    freed = [name for name in PERMISSIONS if None in _scopes(before, name) and None not in _scopes(after, name)]
    not_theirs = {name for name in freed if reach(maker, name) != Scope.ALL}
    return sorted(not_theirs.union(exceeding(maker, after)))


def require_within(maker: Sequence[Grant], wanted: Sequence[Grant]) -> None:
    """Raises `Forbidden`, with what is too much."""
    if beyond := exceeding(maker, wanted):
        raise Forbidden(f"That is more than you may do yourself: {', '.join(beyond)}.")


def require_change_within(maker: Sequence[Grant], before: Sequence[Grant], after: Sequence[Grant]) -> None:
    """Raises `Forbidden`, with what is too much."""
    if beyond := widening(maker, before, after):
        raise Forbidden(f"That is more than you may do yourself: {', '.join(beyond)}.")


def require_meaning(grants: Sequence[Grant]) -> None:
    """Raises `Invalid` for a grant of what there is not, or that would reach further than it says."""
    if len(grants) > MOST_GRANTS:
        raise Invalid.field("grants", "too_many", f"A role has at most {MOST_GRANTS} grants.")
    for at, grant in enumerate(grants):
        if grant.resource not in RESOURCES:
            raise Invalid.field(f"grants.{at}.resource", "unknown_resource", f"There are no {grant.resource}.")
        if unknown := sorted(grant.actions - ACTIONS):
            raise Invalid.field(f"grants.{at}.actions", "unknown_action", f"Nobody can {', '.join(unknown)} anything.")
        if grant.scope == Scope.OWN and grant.resource not in OWNED:
            raise Invalid.field(f"grants.{at}.scope", "not_owned", f"Of {grant.resource} nobody has their own.")
        if grant.scope == Scope.PUBLISHED:
            raise Invalid.field(f"grants.{at}.scope", "unknown_scope", "The scope of a grant is all, own or none.")


def _scopes(grants: Sequence[Grant], permission: str) -> list[Scope | None]:
    resource, _, action = permission.partition(":")
    return [grant.scope for grant in grants if grant.resource == resource and action in grant.actions]


def _covers(has: Scope | None, wanted: Scope | None) -> bool:
    return wanted is None or has == Scope.ALL or has == wanted
