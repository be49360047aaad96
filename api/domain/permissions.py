"""Who may do what, in one table: role → resource → actions, and how much of the resource they reach.

Deny by default: what is not in the table is not allowed. A permission is written `<resource>:<action>`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from api.domain.conditions import Condition
from schemas.aggregates import AGGREGATES


class Role(StrEnum):
    SUPER_ADMIN = "super_admin"
    ADMIN = "admin"
    MANAGER = "manager"
    STAFF = "staff"
    CUSTOMER = "customer"
    OPERATOR = "operator"
    SERVICE = "service"
    SCHEMA = "schema"
    #: A program that a shop gave a token: what it may do is in the token.
    INTEGRATION = "integration"
    ANONYMOUS = "anonymous"


class Scope(StrEnum):
    """How much of a resource a grant reaches: everything, what is published, or what belongs to the actor."""

    ALL = "all"
    PUBLISHED = "published"
    OWN = "own"


#: Roles of the platform itself: their tokens name no tenant.
PLATFORM_ROLES: Final = frozenset({Role.SUPER_ADMIN, Role.OPERATOR, Role.SERVICE, Role.SCHEMA})
#: What is asked about the platform, and what its people see of all tenants: a shop is needed for everything else.
WITHOUT_A_SHOP: Final = frozenset(
    {"account", "audit", "dead_letters", "quality", "rebuilds", "schemas", "tenants", "users"}
)
#: What tokens of programs may never do: that is for people.
FOR_PEOPLE: Final = frozenset({"account", "roles", "service_tokens", "users"})
#: Two are of orders alone. To `contact` is to see and say whom one is about and where it goes, which a program that
#: counts them need not know. To `cancel` is of all of one or some: it gives money back, and who may do that need not be
#: who moves one on. One is of search alone: to `explain` is to be told why a hit is where it is, which no visitor is.
#: One is of analytics alone: to `query` is to ask in SQL, row by row, where to `read` is to see figures.
ACTIONS: Final = frozenset(
    {"cancel", "contact", "create", "read", "update", "delete", "list", "explain", "export", "import", "query"}
)
#: Every aggregate by its plural, and what is read or kept beside them. `guest_orders` are those of
#: nobody: to update one is to claim it; `guest_payments` are what is paid for them by who has their token. To update a
#: payment is to say that money went back by hand. `quality` is what checks found in the rows of all shops; `rebuilds`
#: are of read models, in which all shops are, too. Of `audit` a
#: shop's people see what is done by them or to their shop, the platform's own people everything.
RESOURCES: Final = frozenset(
    {
        *(row.plural for row in AGGREGATES),
        "account",
        "analytics",
        "carts",
        "checkout",
        "discounts",
        "guest_orders",
        "guest_payments",
        "quality",
        "rebuilds",
        "roles",
        "schemas",
        "search",
        "service_tokens",
        "shop",
        "webhooks",
    }
)


#: As somebody is told who wrote another one.
PERMISSIONS_IN_WORDS: Final = (
    f"RESOURCE:ACTION; resources are {', '.join(sorted(RESOURCES))}; actions are {', '.join(sorted(ACTIONS))}"
)


@dataclass(frozen=True, slots=True)
class Grant:
    """With the scope None it takes the actions away, whatever else gives them. It is one where all of `when` hold."""

    resource: str
    actions: frozenset[str]
    scope: Scope | None = Scope.ALL
    when: tuple[Condition, ...] = ()

    def is_of(self, resource: str, action: str) -> bool:
        return self.resource == resource and action in self.actions


def _grant(resource: str, actions: str, scope: Scope = Scope.ALL) -> Grant:
    """`manage` is every action."""
    return Grant(resource, ACTIONS if actions == "manage" else frozenset(actions.split()), scope)


_STOREFRONT: Final = (
    _grant("products", "read list", Scope.PUBLISHED),
    _grant("categories", "read list", Scope.PUBLISHED),
    _grant("collections", "read list", Scope.PUBLISHED),
    _grant("pages", "read list", Scope.PUBLISHED),
    _grant("search", "read", Scope.PUBLISHED),
)

#: What everybody who signs in may do with their own account.
_ACCOUNT: Final = _grant("account", "read update list delete", Scope.OWN)

GRANTS: Final = {
    Role.SUPER_ADMIN: tuple(_grant(resource, "manage") for resource in sorted(RESOURCES)),
    Role.ADMIN: (
        _grant("categories", "manage"),
        _grant("collections", "manage"),
        _grant("pages", "manage"),
        _grant("products", "manage"),
        _grant("price_lists", "manage"),
        _grant("product_prices", "read"),
        _grant("orders", "manage"),
        _grant("carts", "create read update delete list"),
        _grant("checkout", "read update"),
        _grant("discounts", "create read update list"),
        _grant("guest_orders", "create read update"),
        _grant("guest_payments", "create"),
        _grant("payments", "create read update list"),
        _grant("stock", "manage"),
        _grant("analytics", "manage"),
        _grant("dead_letters", "read list update delete export"),
        _grant("schemas", "create read update delete list", Scope.OWN),
        _grant("search", "read explain"),
        _grant("search_settings", "manage"),
        _grant("service_tokens", "create read delete list"),
        _grant("webhooks", "create read update delete list"),
        _grant("users", "create read update delete list export"),
        _grant("roles", "create read update delete list"),
        _grant("shop", "read update export"),
        _grant("audit", "read export"),
        _ACCOUNT,
    ),
    Role.MANAGER: (
        _grant("categories", "create read update delete list"),
        _grant("collections", "create read update delete list"),
        _grant("pages", "create read update delete list"),
        _grant("products", "create read update delete list"),
        _grant("price_lists", "create read update delete list"),
        _grant("product_prices", "read"),
        _grant("orders", "read update cancel contact list"),
        _grant("carts", "read list"),
        _grant("checkout", "read"),
        _grant("discounts", "read list"),
        _grant("payments", "create read update list"),
        _grant("stock", "create read update list"),
        _grant("analytics", "read query"),
        _grant("schemas", "read list", Scope.OWN),
        _grant("search", "read explain"),
        _grant("search_settings", "create read update delete list"),
        _ACCOUNT,
    ),
    # Somebody of a shop who may do what its own roles say, and nothing besides.
    Role.STAFF: (_ACCOUNT,),
    Role.CUSTOMER: (
        *_STOREFRONT,
        _grant("orders", "create read list contact", Scope.OWN),
        _grant("carts", "create read update delete list", Scope.OWN),
        _grant("guest_orders", "read update"),
        _grant("guest_payments", "create"),
        _grant("payments", "create read list", Scope.OWN),
        _ACCOUNT,
    ),
    Role.INTEGRATION: (),
    # Whose cart it is, its token says. Guests order at the shop's own host only; how many from one address is limited.
    Role.ANONYMOUS: (
        *_STOREFRONT,
        _grant("carts", "create read update delete", Scope.OWN),
        _grant("guest_orders", "create read"),
        _grant("guest_payments", "create"),
    ),
    Role.OPERATOR: (
        _grant("dead_letters", "read list update delete export"),
        _grant("audit", "read export"),
        _grant("quality", "read"),
        _grant("rebuilds", "read list update delete"),
        _grant("schemas", "read list"),
        _ACCOUNT,
    ),
    Role.SERVICE: (_grant("schemas", "read list"),),
    Role.SCHEMA: (_grant("schemas", "create read update delete list"),),
}


def scope_of(role: Role, permission: str) -> Scope | None:
    """How far the role's grant of this permission reaches; None when it has none."""
    resource, _, action = permission.partition(":")
    return next((one.scope for one in GRANTS[role] if one.resource == resource and action in one.actions), None)


def reach_of_role(role: Role, permission: str) -> Scope | None:
    """The same, where the platform's own people reach nothing that needs a shop: they belong to none."""
    if role in PLATFORM_ROLES and permission.partition(":")[0] not in WITHOUT_A_SHOP:
        return None
    return scope_of(role, permission)


def is_permission(name: str) -> bool:
    resource, _, action = name.partition(":")
    return resource in RESOURCES and action in ACTIONS
