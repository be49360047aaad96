"""Makes, changes, deletes and shows price lists, as the people of a shop do."""

from dataclasses import replace
from uuid import UUID

from api.domain import price_lists as domain
from api.domain.changes import ANY_VERSION, Expected, Versioned
from api.domain.money import checked_currency
from api.store.list_prices import ListedVariant
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.pages import Page, read_page
from api.use_cases.prices.commands import ListedPricesAsked, NewPriceList, PriceListChange, PriceListsAsked
from api.use_cases.require_found import found
from schemas.events.price_list import PriceList


def create_price_list(work: UnitOfWork, command: NewPriceList) -> Versioned[PriceList]:
    """Raises `Invalid`, and `Taken` for a name that another list has."""
    price_list = PriceList(
        id=work.new_id(),
        name=command.name,
        currency=checked_currency(command.currency or work.access.shop.currency, "currency"),
        customer_group=command.customer_group,
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        priority=command.priority,
        active=command.active,
        created_at=work.now,
    )
    return work.save(work.price_lists, domain.create(price_list, work.now))


def change_price_list(
    work: UnitOfWork, list_id: UUID, command: PriceListChange, expected: Expected = ANY_VERSION
) -> Versioned[PriceList]:
    """As it was when nothing is different. Raises `NotFound`, `VersionMismatch`, `Invalid`, `Taken`."""
    held = _held(work, list_id, expected)
    new = replace(held.value, **{name: getattr(command, name) for name in command.model_fields_set})
    change = domain.change(held, new, work.now)
    return held if change is None else work.save(work.price_lists, change)


def delete_price_list(work: UnitOfWork, list_id: UUID, expected: Expected = ANY_VERSION) -> Versioned[PriceList]:
    """What it was; the prices in it go with it."""
    return work.save(work.price_lists, domain.delete(_held(work, list_id, expected), work.now))


def get_price_list(view: View, list_id: UUID) -> Versioned[PriceList]:
    """Raises `NotFound`."""
    return found(view.price_lists.get, "price_list", list_id)


def list_price_lists(view: View, asked: PriceListsAsked) -> Page[Versioned[PriceList]]:
    """Raises `Invalid` for a cursor of another question."""
    return read_page(asked, view.price_lists.page)


def list_listed_prices(view: View, list_id: UUID, asked: ListedPricesAsked) -> Page[ListedVariant]:
    """The variants in it. Raises `NotFound`, and `Invalid` as above."""
    get_price_list(view, list_id)
    return read_page(asked, lambda wanted: view.list_prices.page(list_id, wanted), below=list_id)


def _held(work: UnitOfWork, list_id: UUID, expected: Expected) -> Versioned[PriceList]:
    held = found(work.price_lists.hold, "price_list", list_id)
    expected.require(held)
    return held
