"""What the table of routes makes of a call: computed from permission, scope and whose a thing is, never written down
for a single route.
"""

from enum import Enum

from api.domain.permissions import Scope
from api.http.route_table import Route
from tests.integration.api.matrix.callers import Caller, Standing


class Whose(Enum):
    """What the id in an address is of."""

    OWN = "own"
    #: Of the same shop, and not for those who reach only what is theirs or what is published. Nobody else asks for it.
    HIDDEN = "hidden"
    ANOTHERS = "another tenant's"
    NOBODYS = "random"
    MALFORMED = "malformed"


class Outcome(Enum):
    LET_IN = "2xx"
    NOBODY = "401"
    FORBIDDEN = "403"
    NOT_THERE = "404"
    #: There is no such address, or none that takes this.
    NO_ROUTE = "404 or 405"
    #: They may ask, and what they ask for makes no sense: whatever is said, it is no fault and no question of who asks.
    SENSELESS = "neither 401 nor 5xx"

    def fits(self, status: int) -> bool:
        match self:
            case Outcome.LET_IN:
                return 200 <= status < 300
            case Outcome.SENSELESS:
                return status < 500 and status != 401
            case Outcome.NO_ROUTE:
                return status in (404, 405)
        return status == int(self.value)


#: What the platform's people see of all tenants.
_OF_ALL_TENANTS = frozenset({"dead_letters", "rebuilds", "schemas", "tenants"})
#: Actions on a schema, of which a tenant does those only in a context that is its own.
_CHANGES = frozenset({"create", "update", "delete"})


def expected(route: Route, caller: Caller, whose: Whose, *, names_new: bool = False) -> Outcome:
    """`names_new`: a name that nobody has yet is good there."""
    if whose is Whose.MALFORMED and "<uuid:" in route.rule:
        return Outcome.NO_ROUTE
    if caller.standing is Standing.NOBODY:
        return Outcome.NOBODY
    scope = caller.scope(route)
    if caller.standing is Standing.SHUT_OUT and ("Authorization" in caller.headers or scope is not None):
        return Outcome.FORBIDDEN
    if scope is None:
        return Outcome.FORBIDDEN if "Authorization" in caller.headers else Outcome.NOBODY
    if whose is Whose.MALFORMED:
        return Outcome.SENSELESS
    resource, _, action = (route.permission or "").partition(":")
    if resource == "schemas" and action in _CHANGES and scope is Scope.OWN and not _in_own_context(route, whose):
        return Outcome.FORBIDDEN
    if not route.parameters or whose is Whose.OWN:
        return Outcome.LET_IN
    if whose is Whose.HIDDEN:
        return Outcome.NOT_THERE
    if whose is Whose.ANOTHERS and caller.of_platform and resource in _OF_ALL_TENANTS:
        return Outcome.LET_IN
    return Outcome.LET_IN if names_new else Outcome.NOT_THERE


def _in_own_context(route: Route, whose: Whose) -> bool:
    """What names no subject is about all of them."""
    return whose is Whose.OWN and "subject_name" in route.parameters
