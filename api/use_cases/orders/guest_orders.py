"""Orders of guests: placed without an account, shown to who has the order's token, and claimed into an account once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.domain import order_events
from api.domain.changes import Versioned
from api.domain.claim_tokens import ClaimToken
from api.domain.errors import NotFound
from api.domain.order_timeline import Step, without_reasons
from api.domain.orders import AnyOrder
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.orders.commands import NewGuestOrder
from api.use_cases.orders.place_order import place_lines
from api.use_cases.orders.read_orders import steps_of


@dataclass(frozen=True, slots=True)
class GuestOrder:
    """`token` is shown this once."""

    held: Versioned[AnyOrder]
    token: ClaimToken


def place_guest_order(work: UnitOfWork, command: NewGuestOrder) -> GuestOrder:
    """As an order of nobody's. Raises as `place_order`."""
    held = place_lines(work, command.lines, command.currency, command.contacts())
    return GuestOrder(held, give_token(work, held.value.terms.id))


def give_token(work: UnitOfWork, order_id: UUID) -> ClaimToken:
    """A new one for an order of nobody's, in place of any older: for whoever places orders of guests."""
    token = ClaimToken.new(order_id)
    work.claims.put(order_id, token.hash, work.now)
    return token


def give_token_again(work: UnitOfWork, order_id: UUID) -> GuestOrder:
    """For who sends the same order with the same key again. Raises `NotFound` when it was claimed meanwhile."""
    held = work.orders.hold(order_id)
    if held is None or work.claims.get(order_id) is None:
        raise _no_such_order()
    return GuestOrder(held, give_token(work, order_id))


def get_claimed(view: View, text: str, now: datetime) -> Versioned[AnyOrder]:
    """Raises `NotFound` whatever is wrong with it."""
    return _held(view, text, now)


def get_claimed_timeline(view: View, text: str, now: datetime) -> tuple[Versioned[AnyOrder], tuple[Step, ...]]:
    """The order and what became of it, as a customer is told it. Raises `NotFound` whatever is wrong with the token."""
    held = _held(view, text, now)
    return held, without_reasons(steps_of(view, held))


def hold_claimed(work: UnitOfWork, text: str) -> Versioned[AnyOrder]:
    """Nobody else moves it on before the transaction is over. Raises `NotFound` whatever is wrong with the token."""
    token = ClaimToken.read(text)
    if token is not None:
        work.orders.hold(token.order_id)  # so that of two who have the token one gets it
    return _held(work, text, work.now)


def claim_order(work: UnitOfWork, text: str) -> Versioned[AnyOrder]:
    """It is theirs who ask from now on, and its token is worth nothing any more. Raises `NotFound`."""
    held = hold_claimed(work, text)
    return work.save(work.orders, order_events.claim(held, work.access.actor.actor_id, work.now))


def _held(view: View, text: str, now: datetime) -> Versioned[AnyOrder]:
    token = ClaimToken.read(text)
    kept = None if token is None else view.claims.get(token.order_id)
    if token is None or kept is None or not kept.is_of(token, now):
        raise _no_such_order()
    held = view.orders.get(token.order_id)
    if held is None:
        raise _no_such_order()
    return held


def _no_such_order() -> NotFound:
    return NotFound("order", "of this claim token")
