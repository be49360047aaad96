"""Weighs grants: how far all that somebody has let them reach, and what they may hand on to others.

What takes a permission away wins over everything that gives it; under conditions it takes away only what they match.
Nobody hands on more than they have: a grant under conditions covers one under the same and perhaps more conditions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from api.domain import condition_rules
from api.domain.conditions import Condition, Surroundings, depends_on_surroundings, failing_now, on_thing
from api.domain.errors import Forbidden, Invalid
from api.domain.permissions import ACTIONS, RESOURCES, Grant, Scope

#: Of these it is known whose they are; of any other, "their own" would be all of them.
OWNED: Final = frozenset({"orders", "schemas"})
PERMISSIONS: Final = tuple(f"{resource}:{action}" for resource in sorted(RESOURCES) for action in sorted(ACTIONS))
MOST_GRANTS: Final = 100
#: Of a role. A search asks for all of them at once, of all roles that somebody has.
MOST_CONDITIONS: Final = 20


@dataclass(frozen=True, slots=True)
class Weighed:
    """The grants of one permission: `given` and, wherever its conditions match, `taken` away again."""

    given: tuple[Grant, ...]
    taken: tuple[Grant, ...]

    @property
    def scope(self) -> Scope | None:
        """How far any of them reaches; None when nothing gives it, or it is taken away altogether."""
        if not self.given or any(not grant.when for grant in self.taken):
            return None
        scopes = [grant.scope for grant in self.given]
        return Scope.ALL if Scope.ALL in scopes else scopes[0]

    @property
    def has_conditions(self) -> bool:
        for grants in (self.given, self.taken):
            for grant in grants:
                if grant.when:
                    return True
        return False

    @property
    def depends_on_surroundings(self) -> bool:
        return any(depends_on_surroundings(grant.when) for grant in (*self.given, *self.taken))

    def now(self, around: Surroundings) -> "Weighed":
        """Those that are grants here and now, with the conditions that are left: those on the things."""
        return Weighed(_now(self.given, around), _now(self.taken, around))


def weigh(grants: Iterable[Grant], permission: str) -> Weighed:
    resource, _, action = permission.partition(":")
    found = [grant for grant in grants if grant.resource == resource and action in grant.actions]
    return Weighed(
        tuple([grant for grant in found if grant.scope is not None]),
        tuple([grant for grant in found if grant.scope is None]),
    )


def exceeding(maker: Sequence[Grant], wanted: Sequence[Grant]) -> list[str]:
    """The permissions that somebody with `wanted` has and the maker has not, or not as far."""
    return [name for name in PERMISSIONS if not _covers(weigh(maker, name), weigh(wanted, name))]


def widening(maker: Sequence[Grant], before: Sequence[Grant], after: Sequence[Grant]) -> list[str]:
    """The permissions that a role gives after a change, or does not take away any more, and its maker has not.

    Who has the role may have other grants beside it: what is not taken away any more counts as given in full.
    """
    freed = [name for name in PERMISSIONS if not _all_taken(weigh(before, name).taken, weigh(after, name).taken)]
    not_theirs = {name for name in freed if not _in_full(weigh(maker, name))}
    return sorted(not_theirs.union(exceeding(maker, after)))


def require_within(maker: Sequence[Grant], wanted: Sequence[Grant]) -> None:
    """Raises `Forbidden`, with what is too much."""
    if beyond := exceeding(maker, wanted):
        raise Forbidden(f"That is more than you may do yourself: {', '.join(beyond)}.")


def require_change_within(maker: Sequence[Grant], before: Sequence[Grant], after: Sequence[Grant]) -> None:
    """Raises `Forbidden`, with what is too much."""
    if beyond := widening(maker, before, after):
        raise Forbidden(f"That is more than you may do yourself: {', '.join(beyond)}.")


def gives_in_full(grants: Sequence[Grant], permission: str) -> bool:
    """Whether they reach everything with it, under no condition."""
    return _in_full(weigh(grants, permission))


def checked(grants: Sequence[Grant]) -> tuple[Grant, ...]:
    """The grants, their conditions in one form.

    Raises `Invalid` for a grant of what there is not, or that would reach further than it says.
    """
    if len(grants) > MOST_GRANTS:
        raise Invalid.field("grants", "too_many", f"A role has at most {MOST_GRANTS} grants.")
    if sum(len(grant.when) for grant in grants) > MOST_CONDITIONS:
        raise Invalid.field("grants", "too_many", f"The grants of a role have at most {MOST_CONDITIONS} conditions.")
    return tuple(_checked(grant, f"grants.{at}") for at, grant in enumerate(grants))


def _checked(grant: Grant, at: str) -> Grant:
    if grant.resource not in RESOURCES:
        raise Invalid.field(
            f"{at}.resource",
            "unknown_resource",
            f"There is no resource {grant.resource}; there are {', '.join(sorted(RESOURCES))}.",
        )
    if unknown := sorted(grant.actions - ACTIONS):
        known = f"There is no action {', '.join(unknown)}; there are {', '.join(sorted(ACTIONS))}."
        raise Invalid.field(f"{at}.actions", "unknown_action", known)
    if grant.scope == Scope.OWN and grant.resource not in OWNED:
        raise Invalid.field(f"{at}.scope", "not_owned", f"Of {grant.resource} nobody has their own.")
    if grant.scope == Scope.PUBLISHED:
        raise Invalid.field(f"{at}.scope", "unknown_scope", "The scope of a grant is all, own or none.")
    return replace(grant, when=condition_rules.checked(grant.resource, grant.when, f"{at}.when"))


def _now(grants: Sequence[Grant], around: Surroundings) -> tuple[Grant, ...]:
    found = []
    for grant in grants:
        if not depends_on_surroundings(grant.when):
            found.append(grant)
        elif not failing_now(grant.when, around):
            found.append(Grant(grant.resource, grant.actions, grant.scope, on_thing(grant.when)))
    return tuple(found)


def _covers(has: Weighed, wanted: Weighed) -> bool:
    if wanted.scope is None:
        return True
    return _all_taken(has.taken, wanted.taken) and all(
        any(_is_within(one, mine) for mine in has.given) for one in wanted.given
    )


def _is_within(one: Grant, mine: Grant) -> bool:
    return mine.scope in (Scope.ALL, one.scope) and _adds_to(mine.when, one.when)


def _adds_to(conditions: Sequence[Condition], more: Sequence[Condition]) -> bool:
    """Whether what meets `more` surely meets `conditions`: they are among them."""
    return set(conditions) <= set(more)


def _all_taken(before: Sequence[Grant], after: Sequence[Grant]) -> bool:
    """Whether all that `before` takes away is taken away by `after`, too."""
    return all(any(_adds_to(still.when, one.when) for still in after) for one in before)


def _in_full(has: Weighed) -> bool:
    return not has.taken and any(grant.scope == Scope.ALL and not grant.when for grant in has.given)
