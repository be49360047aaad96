"""Says which acts are written down in the audit trail, and what a row of it holds.

Every permission to change something, or to take it out, is a privileged act, unless it is about what a shop sells (but
who moved an order on is written down): a new resource joins by itself. Of people there are ids only: no names, e-mail
addresses, passwords or tokens.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from api.domain.permissions import ACTIONS, is_permission

Outcome = Literal["done", "denied", "failed"]

#: What a shop does all day: it leaves events, no rows of the audit trail. Changes of schemas have a trail of their own.
ORDINARY: Final = frozenset(
    {
        "analytics",
        "carts",
        "categories",
        "collections",
        "guest_orders",
        "orders",
        "payments",
        "price_lists",
        "products",
        "schemas",
        "search",
        "stock",
    }
)
#: But who confirmed an order, took money or gave it back is written down.
OF_MONEY: Final = frozenset({"orders:cancel", "orders:update"})
#: Where the platform's own people are in a shop's data: they leave a row whatever they do there, also when they read.
OF_SHOPS: Final[Mapping[str, frozenset[str]]] = {
    "audit": ACTIONS,
    "dead_letters": ACTIONS,
    "tenants": frozenset({"delete", "export", "update"}),
}
_READS: Final = frozenset({"explain", "list", "query", "read"})
_WRITES: Final = ACTIONS - _READS - {"export"}

#: What is done without a permission, because nobody is known yet, or at the machine itself.
SIGN_IN: Final = "account:sign_in"
SIGN_OUT: Final = "account:sign_out"
REFRESH_REUSED: Final = "account:refresh_reused"
REGISTER: Final = "account:register"
RESET_ASKED: Final = "account:ask_for_reset"
SET_PASSWORD: Final = "account:set_password"  # noqa: S105  # an act
VERIFY_ADDRESS: Final = "account:verify_address"
INVITE: Final = "users:invite"
ROTATE_KEY: Final = "keys:rotate"
RETIRE_KEY: Final = "keys:retire"
ADD_BI_READER: Final = "bi_readers:add"
RENEW_BI_READER: Final = "bi_readers:renew"
DROP_BI_READER: Final = "bi_readers:drop"
ISSUE_TOKEN: Final = "tokens:issue"  # noqa: S105  # an act
WITHOUT_A_PERMISSION: Final = frozenset(
    {
        SIGN_IN,
        SIGN_OUT,
        REFRESH_REUSED,
        REGISTER,
        RESET_ASKED,
        SET_PASSWORD,
        VERIFY_ADDRESS,
        INVITE,
        ROTATE_KEY,
        RETIRE_KEY,
        ADD_BI_READER,
        RENEW_BI_READER,
        DROP_BI_READER,
        ISSUE_TOKEN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """`tenant_id` is whose trail it is in: the actor's own shop, or nobody's id for the platform. `about` is the shop
    that it was done in, when that is another one; its people see it too.

    `object` names what it was done to. `address` is where the request came from.
    """

    id: UUID
    tenant_id: UUID
    about: UUID | None
    at: datetime
    actor_id: str
    role: str
    act: str
    object: str
    outcome: Outcome
    reason: str
    address: str
    request_id: UUID
    correlation_id: str
    detail: Mapping[str, str | int] = field(default_factory=dict)


def is_act(word: str) -> bool:
    """Whether a row can be of it: a permission, or what is done without one."""
    return is_permission(word) or word in WITHOUT_A_PERMISSION


def is_privileged(permission: str) -> bool:
    """Whether using it leaves a row."""
    resource, _, action = permission.partition(":")
    ordinary = resource in ORDINARY and permission not in OF_MONEY
    return action == "export" or (action in _WRITES and not ordinary)


def is_in_a_shop(permission: str) -> bool:
    """Whether the platform's own people are in a shop's data with it."""
    resource, _, action = permission.partition(":")
    return action in OF_SHOPS.get(resource, ())


def needs_reason(permission: str) -> bool:
    """Whether the platform's own people have to say why: when they change what is a shop's, or take it out."""
    return is_in_a_shop(permission) and permission.partition(":")[2] not in _READS
