"""Says of a permission which grant decides about it, and which condition failed: as `Actor.reach` decides, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from api.domain.conditions import SURROUNDINGS, Surroundings, failing_now, in_words, row_condition
from api.domain.permissions import Grant, Scope
from api.domain.scope import scope_rows
from schemas.row_conditions import EVERY_ROW, Row, matches

THEIR_OWN: Final = "it is their own"


class Verdict(StrEnum):
    ALLOWED = "allowed"
    DENIED = "denied"
    #: For the things that meet what is left open.
    FOR_SOME = "allowed for some"


@dataclass(frozen=True, slots=True)
class SourcedGrant:
    """`source` is the role, or the token, that it comes from."""

    source: str
    grant: Grant


@dataclass(frozen=True, slots=True)
class Weight:
    """A grant of the permission that was asked about: under which conditions, which of them do not hold, and which
    depend on the thing.
    """

    source: str
    grant: Grant
    when: tuple[str, ...]
    failing: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def takes_away(self) -> bool:
        return self.grant.scope is None

    @property
    def scope(self) -> str:
        return "none" if self.grant.scope is None else self.grant.scope.value

    @property
    def counts(self) -> bool:
        return not self.failing

    def __str__(self) -> str:
        how = "takes away" if self.grant.scope is None else f"gives {self.grant.scope.value}"
        under = f" when {'; '.join(self.when)}" if self.when else ""
        return f"{self.source} {how}{under}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """`deciding` are the grants that the verdict rests on; without them nothing gives the permission."""

    verdict: Verdict
    deciding: tuple[Weight, ...]
    others: tuple[Weight, ...]


def explain(
    grants: Sequence[SourcedGrant], permission: str, actor_id: str, around: Surroundings, thing: Row | None = None
) -> Explanation:
    """About one thing, or about any of its kind. Without an actor's id it stays open what is their own."""
    resource, _, action = permission.partition(":")
    found = [_weighed(one, actor_id, around, thing) for one in grants if one.grant.is_of(resource, action)]
    taking = [one for one in found if one.takes_away and one.counts]
    giving = [one for one in found if not one.takes_away and one.counts]
    surely_taken = [one for one in taking if not one.open]
    surely_given = [one for one in giving if not one.open]
    if surely_taken or not giving:
        return _explained(Verdict.DENIED, surely_taken[:1], found)
    if surely_given and not taking:
        return _explained(Verdict.ALLOWED, surely_given[:1], found)
    return _explained(Verdict.FOR_SOME, [*(surely_given[:1] or giving), *taking], found)


def _explained(verdict: Verdict, deciding: Sequence[Weight], found: Sequence[Weight]) -> Explanation:
    return Explanation(verdict, tuple(deciding), tuple(one for one in found if one not in deciding))


def _weighed(sourced: SourcedGrant, actor_id: str, around: Surroundings, thing: Row | None) -> Weight:
    grant = sourced.grant
    failing = [in_words(one, around) for one in failing_now(grant.when, around)]
    tests = [(str(one), row_condition(grant.resource, one)) for one in grant.when if one.field not in SURROUNDINGS]
    within = scope_rows(grant.scope, grant.resource, actor_id)
    if within != EVERY_ROW:
        tests.append((THEIR_OWN if grant.scope is Scope.OWN else "it is published", within))
    unknown = [text for text, _ in tests if thing is None or (text == THEIR_OWN and not actor_id)]
    if thing is not None:
        failing += [text for text, test in tests if text not in unknown and not matches(test, thing)]
    when = tuple(in_words(one, around) for one in grant.when)
    return Weight(sourced.source, grant, when, tuple(failing), tuple(unknown))
