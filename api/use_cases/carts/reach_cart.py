"""Finds a cart for who may have it: the shop's people, whose it is, or who shows its token. Others find none."""

from uuid import UUID

from api.domain.cart_tokens import is_token_of
from api.domain.carts import Cart
from api.domain.changes import Versioned
from api.domain.errors import Forbidden, NotFound
from api.domain.permissions import Role, Scope
from api.domain.scope import Access
from api.store.unit_of_work import UnitOfWork
from api.store.view import View


def get_cart(view: View, cart_id: UUID, token: str | None) -> Versioned[Cart]:
    """Raises `NotFound`."""
    return _reached(view.access, cart_id, view.carts.get(cart_id), token)


def hold_cart(work: UnitOfWork, cart_id: UUID, token: str | None) -> Versioned[Cart]:
    """Nobody else changes it before the transaction is over. Raises `NotFound`."""
    return _reached(work.access, cart_id, work.carts.hold(cart_id), token)


def shows_its_token(work: UnitOfWork, cart_id: UUID, token: str | None) -> bool:
    """Whether it is a visitor's cart, and the token its own: the shop's people reach it without."""
    found = None if token is None else work.carts.get(cart_id)
    return found is not None and is_token_of(token, found[1])


def whose_cart(access: Access, named: str | None) -> str | None:
    """Who a new cart, or an order made of one, belongs to. Raises `Forbidden` for somebody else's."""
    if access.actor.role is not Role.ANONYMOUS:
        return access.owner(named)
    if named is not None:
        raise Forbidden("Carts of visitors are nobody's but theirs.")
    return None


def _reached(
    access: Access, cart_id: UUID, found: tuple[Versioned[Cart], bytes | None] | None, token: str | None
) -> Versioned[Cart]:
    if found is None:
        raise NotFound("cart", cart_id)
    held, hash_ = found
    shows_token = is_token_of(token, hash_)
    owner = held.value.customer_ref
    if access.scope is Scope.ALL:
        return held
    if owner is None and shows_token:
        return held
    if owner is not None and access.actor.role is not Role.ANONYMOUS and owner == access.actor.actor_id:
        return held
    raise NotFound("cart", cart_id)
