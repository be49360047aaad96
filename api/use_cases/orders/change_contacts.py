"""Shows and changes whom an order is about and where it goes: for the shop's people and for whose order it is."""

from uuid import UUID

from api.domain.changes import ANY_VERSION, Expected, Versioned
from api.domain.order_contacts import Contacts, require_changeable
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.orders.contact_commands import ContactsGiven
from api.use_cases.require_found import found


def get_contacts(view: View, order_id: UUID) -> Versioned[Contacts]:
    """Nothing, at version 0, where nobody said anything. Raises `NotFound` where there is no such order."""
    found(view.orders.get, "order", order_id)
    return view.contacts.get(order_id)


def change_contacts(
    work: UnitOfWork, order_id: UUID, command: ContactsGiven, expected: Expected = ANY_VERSION
) -> Versioned[Contacts]:
    """What is not said is not there any more. Raises `NotFound`, `VersionMismatch`, `Conflict` once all has left."""
    order = found(work.orders.hold, "order", order_id)
    expected.require(work.contacts.get(order_id))
    require_changeable(order.value)
    return work.contacts.put(order_id, command.contacts())
