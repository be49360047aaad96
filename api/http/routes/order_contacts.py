"""Whom an order is about and where it goes: for the shop's people, and for customers of their own orders."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import Response

from api.domain.changes import Versioned
from api.domain.order_contacts import Contacts
from api.http.bodies.order_contacts import ContactsAnswer
from api.http.command_answers import CommandAnswer, carry_out, expected
from api.http.entity_answers import entity, look_up
from api.http.security import requires
from api.use_cases.orders import change_contacts as changing
from api.use_cases.orders.contact_commands import ContactsGiven

order_contacts = APIBlueprint("order_contacts", __name__, url_prefix="/v1/orders/<uuid:order_id>", tag="Orders")


@order_contacts.get("/contacts")
@requires("orders:contact")
@order_contacts.output(ContactsAnswer)
def get_order_contacts(order_id: UUID) -> Response:
    """Whom an order is about and where it goes"""
    held = look_up(lambda view: changing.get_contacts(view, order_id))
    return entity(ContactsAnswer.of(held), held.version)


@order_contacts.put("/contacts")
@requires("orders:contact")
@order_contacts.input(ContactsGiven)
@order_contacts.output(ContactsAnswer)
def change_order_contacts(order_id: UUID, json_data: ContactsGiven) -> Response:
    """Say anew whom an order is about and where it goes, until all of it has left"""
    wanted = expected()
    return carry_out(lambda work: _done(changing.change_contacts(work, order_id, json_data, wanted)))


def _done(held: Versioned[Contacts]) -> CommandAnswer:
    return CommandAnswer(ContactsAnswer.of(held), version=held.version)
