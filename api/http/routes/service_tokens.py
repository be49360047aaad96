"""Tokens that a shop gives to programs: made, listed, taken away."""

from http import HTTPStatus
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, url_for

from api.http.bodies.service_tokens import ServiceTokenAnswer, ServiceTokenMade, ServiceTokenPage
from api.http.command_answers import CommandAnswer, carry_out
from api.http.entity_answers import look_up
from api.http.security import requires
from api.store.unit_of_work import UnitOfWork
from api.use_cases.service_tokens import make_service_token as making
from api.use_cases.service_tokens import read_service_tokens
from api.use_cases.service_tokens import revoke_service_token as revoking
from api.use_cases.service_tokens.commands import NewServiceToken, ServiceTokensAsked

service_tokens = APIBlueprint("service_tokens", __name__, url_prefix="/v1/service-tokens", tag="Service tokens")


@service_tokens.post("")
@requires("service_tokens:create")
@service_tokens.input(NewServiceToken)
@service_tokens.output(ServiceTokenMade, HTTPStatus.CREATED)
def make_service_token(json_data: NewServiceToken) -> Response:
    """Make a token for a program, or a search key for a storefront; its text is shown this once"""

    def decide(work: UnitOfWork) -> CommandAnswer:
        made = making.make_service_token(work, json_data)
        location = url_for("service_tokens.get_service_token", token_id=made.token.id)
        body = ServiceTokenMade.of(made.token, token=made.text)
        return CommandAnswer(body, status=HTTPStatus.CREATED, location=location, is_secret=True)

    return carry_out(decide)


@service_tokens.get("")
@requires("service_tokens:list")
@service_tokens.input(ServiceTokensAsked, location="query")
@service_tokens.output(ServiceTokenPage)
def list_service_tokens(query_data: ServiceTokensAsked) -> ServiceTokenPage:
    """All tokens of programs, oldest first, also those that are not good any more"""
    page = look_up(lambda view: read_service_tokens.list_service_tokens(view, query_data))
    return ServiceTokenPage(items=[ServiceTokenAnswer.of(one) for one in page.items], next_cursor=page.next_cursor)


@service_tokens.get("/<uuid:token_id>")
@requires("service_tokens:read")
@service_tokens.output(ServiceTokenAnswer)
def get_service_token(token_id: UUID) -> ServiceTokenAnswer:
    """One token of a program, without its text"""
    return ServiceTokenAnswer.of(look_up(lambda view: read_service_tokens.get_service_token(view, token_id)))


@service_tokens.delete("/<uuid:token_id>")
@requires("service_tokens:delete")
@service_tokens.output(ServiceTokenAnswer)
def revoke_service_token(token_id: UUID) -> Response:
    """Take it away for good: refused within two seconds, and kept on record"""
    return carry_out(lambda work: CommandAnswer(ServiceTokenAnswer.of(revoking.revoke_service_token(work, token_id))))
