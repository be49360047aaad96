"""Takes out what is there about a person, and erases it: whoever has an account, and whoever orders are named by.

Their orders stay, under a name that was made up: nothing leads back from it, and nobody keeps what it stands for.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from pydantic import Field

from api.domain import order_events
from api.domain.errors import NotFound
from api.domain.scope import Access
from api.domain.users import Account, Status
from api.store.outbox import Cause
from api.store.store import Store
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.fields import ExternalId, Input
from api.use_cases.users import manage_users
from api.use_cases.users.commands import UserChange

PSEUDONYM: Final = "erased:"
_AT_ONCE: Final = 200


class Person(Input):
    person: ExternalId = Field(
        description="Id of a user, their e-mail address, or what orders name a customer by (`customer_ref`)."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """`account`: whether there was one. `orders` stay, under another name."""

    account: bool
    orders: int


@dataclass(frozen=True, slots=True)
class _Known:
    """`names` are what orders call them: as they were asked for, and the id of their account.

    `emails` are addresses by which they may be told of orders.
    """

    names: tuple[str, ...]
    emails: tuple[str, ...]
    account: Account | None

    @property
    def user_id(self) -> UUID | None:
        return None if self.account is None else self.account.user.id


def export_person(view: View, person: str) -> dict[str, list[dict[str, Any]]]:
    """By what it is; a list is empty where there is nothing. Raises `NotFound` where all are."""
    known = _known(view, person)
    found = view.about_person(known.names, known.emails, known.user_id)
    if not any(found.values()):
        raise NotFound("person", person)
    return found


def erase_person(store: Store, access: Access, cause: Cause, person: str) -> Erased:
    """Who was shut out halfway is erased by whoever asks again; orders that are left get another name then.

    Raises `NotFound` for who has neither account nor orders nor carts and is told of nobody's, `Forbidden` for who may
    do more than who asks, `Conflict` for oneself.
    """
    pseudonym, orders = f"{PSEUDONYM}{uuid4()}", 0
    known = store.carry_out(access, cause, lambda work: _shut_out(work, person, pseudonym))
    while some := store.carry_out(access, cause, lambda work: _rename(work, known, pseudonym)):
        orders += some
    store.carry_out(access, cause, lambda work: _delete(work, known))
    return Erased(account=known.account is not None, orders=orders)


def _shut_out(work: UnitOfWork, person: str, pseudonym: str) -> _Known:
    """So that they order nothing meanwhile. The trail names the user, or else the new name: nothing leads back."""
    known = _known(work, person)
    carts = work.carts.forget(known.names, known.emails)
    if known.user_id is not None:
        manage_users.change_user(work, known.user_id, UserChange(status=Status.INACTIVE))
    elif not (carts or work.orders.of_person(known.names, known.emails, 1) or work.contacts.knows(known.emails)):
        raise NotFound("person", person)
    work.tell_of_act(pseudonym if known.user_id is None else str(known.user_id))
    return known


def _rename(work: UnitOfWork, known: _Known, pseudonym: str) -> int:
    some = work.orders.of_person(known.names, known.emails, _AT_ONCE)
    for held in some:
        work.save(work.orders, order_events.anonymise(held, pseudonym, work.now))
    return len(some)


def _delete(work: UnitOfWork, known: _Known) -> None:
    words = [*known.names, *known.emails]
    if known.account is not None and work.users.get(known.account.user.id) is not None:
        manage_users.delete_user(work, known.account.user.id)
    work.contacts.forget_of_email(known.emails)
    work.forget_answers(words)
    work.webhooks.forget_events(words)


def _known(view: View, person: str) -> _Known:
    user_id = _as_id(person)
    email = person.strip().lower()
    held = view.users.by_email(email) if user_id is None else view.users.get(user_id)
    if held is None:
        return _Known((person,), (email,), None)
    return _Known((person, str(held.value.user.id)), (held.value.email,), held.value)


def _as_id(person: str) -> UUID | None:
    try:
        return UUID(person)
    except ValueError:
        return None
