"""Finds customers by who they are, or by the telephone number of an order, and tells what they ordered."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from api.domain.changes import Versioned
from api.domain.permissions import Role
from api.domain.users import Account
from api.store.found_customers import Ordered
from api.store.sought_words import RARE
from api.store.view import View
from api.use_cases.pages import Page
from api.use_cases.staff_search.commands import CustomersSearched
from api.use_cases.staff_search.found_pages import Found, page_of_found, page_of_list, require_few

BY_PHONE: Final = "orders.phone"
_PHONE: Final = re.compile(r"[\d\s()+./-]*")
_LEAST_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Customer:
    """`ordered` is None for who may not know."""

    account: Versioned[Account]
    ordered: Ordered | None


def find_customers(
    view: View, asked: CustomersSearched, *, orders: View | None, contacts: View | None
) -> Page[Found[Customer]]:
    """`orders` and `contacts` show the orders that who asks may list, and whom they may know by them, if any.

    Raises `Invalid` for too many words or a cursor of another question.
    """
    page = _page(view, asked, contacts)
    ordered = None if orders is None else orders.ordered.by([one.thing.value.user.id for one in page.items])
    return Page(
        [
            Found(
                Customer(one.thing, None if ordered is None else ordered.get(one.thing.value.user.id, Ordered())),
                one.matched,
            )
            for one in page.items
        ],
        page.next_cursor,
    )


def _page(view: View, asked: CustomersSearched, contacts: View | None) -> Page[Found[Versioned[Account]]]:
    if not asked.q:
        return page_of_list(asked, view.users.page, role=[Role.CUSTOMER.value])
    sought = view.found_customers.read(asked.q)
    require_few(sought)
    number = telephone_number(asked.q)
    called = set(contacts.found_orders.customers_by_phone(number, RARE)) if contacts and number else set()

    def matched(ids: Collection[UUID]) -> dict[UUID, list[str]]:
        fields = view.found_customers.matched(sought, ids)
        return {id_: [*fields.get(id_, ()), *([BY_PHONE] if id_ in called else ())] for id_ in ids}

    return page_of_found(
        asked,
        asked.q,
        lambda wanted: view.found_customers.find(sought, wanted, called),
        view.users.load,
        matched,
    )


def telephone_number(typed: str) -> str | None:
    """In one word, if it can be one."""
    digits = "".join(re.findall(r"\d", typed))
    return digits if _PHONE.fullmatch(typed) and len(digits) >= _LEAST_DIGITS else None
