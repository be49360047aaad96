"""Names the places where a shop's goods lie, and shows them."""

from uuid import UUID

from api.domain.changes import ANY_VERSION, Expected, Versioned
from api.store.locations import Location
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.pages import Page, read_page
from api.use_cases.require_found import found
from api.use_cases.stock.commands import LocationChange, LocationsAsked, NewLocation


def make_location(work: UnitOfWork, command: NewLocation) -> Versioned[Location]:
    """The first of a shop is its default. Raises `Taken`."""
    made = Location(
        id=work.new_id(), name=command.name, position=command.position, is_default=work.locations.is_first()
    )
    return work.locations.add(made)


def change_location(
    work: UnitOfWork, location_id: UUID, command: LocationChange, expected: Expected = ANY_VERSION
) -> Versioned[Location]:
    """Raises `NotFound`, `VersionMismatch`, `Taken`."""
    held = found(work.locations.get, "location", location_id)
    expected.require(held)
    old = held.value
    new = Location(
        id=old.id,
        name=old.name if command.name is None else command.name,
        position=old.position if command.position is None else command.position,
        is_default=old.is_default,
    )
    return held if new == old else work.locations.change(held, new)


def get_location(view: View, location_id: UUID) -> Versioned[Location]:
    """Raises `NotFound`."""
    return found(view.locations.get, "location", location_id)


def list_locations(view: View, asked: LocationsAsked) -> Page[Versioned[Location]]:
    """Raises `Invalid` for a cursor of another question."""
    return read_page(asked, view.locations.page)
