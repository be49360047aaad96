"""The locations of a shop, where its stock lies."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.domain.changes import Versioned
from api.http.bodies.stock import LocationAnswer, LocationPage
from api.http.command_answers import CommandAnswer, carry_out, expected
from api.http.entity_answers import entity, look_up
from api.http.security import requires
from api.store.locations import Location
from api.use_cases.stock import manage_locations
from api.use_cases.stock.commands import LocationChange, LocationsAsked, NewLocation

locations = APIBlueprint("locations", __name__, url_prefix="/v1/locations", tag="Stock")


@locations.post("")
@requires("stock:create")
@locations.input(NewLocation)
@locations.output(LocationAnswer, HTTPStatus.CREATED)
def make_location(json_data: NewLocation) -> Response:
    """Name a place where goods lie; the first one is the default"""
    return carry_out(lambda work: _done(manage_locations.make_location(work, json_data), HTTPStatus.CREATED))


@locations.patch("/<uuid:location_id>")
@requires("stock:update")
@locations.input(LocationChange)
@locations.output(LocationAnswer)
def change_location(location_id: UUID, json_data: LocationChange) -> Response:
    """Change its name, or when orders take from it"""
    return carry_out(lambda work: _done(manage_locations.change_location(work, location_id, json_data, expected())))


@locations.get("")
@requires("stock:list")
@locations.input(LocationsAsked, location="query")
@locations.output(LocationPage)
def list_locations(query_data: LocationsAsked) -> LocationPage:
    """All locations, oldest first"""
    page = look_up(lambda view: manage_locations.list_locations(view, query_data))
    return LocationPage(items=[LocationAnswer.of(held) for held in page.items], next_cursor=page.next_cursor)


@locations.get("/<uuid:location_id>")
@requires("stock:read")
@locations.output(LocationAnswer)
def get_location(location_id: UUID) -> Response:
    """One location"""
    held = look_up(lambda view: manage_locations.get_location(view, location_id))
    return entity(LocationAnswer.of(held), held.version)


def _done(held: Versioned[Location], status: HTTPStatus = HTTPStatus.OK) -> CommandAnswer:
    location = url_for("locations.get_location", location_id=held.value.id) if status == HTTPStatus.CREATED else None
    return CommandAnswer(LocationAnswer.of(held), status=status, location=location)
