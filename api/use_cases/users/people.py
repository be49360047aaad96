"""Takes out what is there about a person, and erases it: whoever has an account, and whoever orders are named by.

Their orders stay, under a name that was made up: nothing leads back from it, and nobody keeps what it stands for.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from pydantic import Field

from api.domain import order_events
from api.domain.scope import Access
from api.domain.users import Status
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
    person: ExternalId = Field(description="Id of a user, or what orders name a customer by (`customer_ref`).")


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """`account`: whether there was one. `orders` stay, under another name."""

    account: bool
    orders: int


def export_person(view: View, person: str) -> dict[str, list[dict[str, Any]]]:
    """By what it is; a list is empty where there is nothing."""
    return view.about_person(person, _as_id(person))


def erase_person(store: Store, access: Access, cause: Cause, person: str) -> Erased:
    """Who was shut out halfway is erased by whoever asks again; orders that are left get another name then.

    Raises `Forbidden` for who may do more than who asks, `Conflict` for oneself.
    """
    account = store.carry_out(access, cause, lambda work: _shut_out(work, person))
    pseudonym, orders = f"{PSEUDONYM}{uuid4()}", 0
    while some := store.carry_out(access, cause, lambda work: _rename(work, person, pseudonym)):
        orders += some
    store.carry_out(access, cause, lambda work: _delete(work, person))
    return Erased(account=account, orders=orders)


def _shut_out(work: UnitOfWork, person: str) -> bool:
    """So that they order nothing meanwhile. Whether they have an account."""
    user_id = _account(work, person)
    if user_id is not None:
        manage_users.change_user(work, user_id, UserChange(status=Status.INACTIVE))
    return user_id is not None


def _rename(work: UnitOfWork, person: str, pseudonym: str) -> int:
    some = work.orders.of_customer(person, _AT_ONCE)
    for held in some:
        work.save(work.orders, order_events.anonymise(held, pseudonym, work.now))
    return len(some)


def _delete(work: UnitOfWork, person: str) -> None:
    user_id = _account(work, person)
    words = [person]
    if user_id is not None:
        words.append(manage_users.get_user(work, user_id).value.email)
        manage_users.delete_user(work, user_id)
    work.forget_answers(person, words)


def _account(view: View, person: str) -> UUID | None:
    user_id = _as_id(person)
    return user_id if user_id is not None and view.users.get(user_id) is not None else None


def _as_id(person: str) -> UUID | None:
    try:
        return UUID(person)
    except ValueError:
        return None
