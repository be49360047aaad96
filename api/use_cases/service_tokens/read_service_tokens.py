"""Shows the tokens of programs: one, or a page of them, oldest first; never their texts."""

from uuid import UUID

from api.domain.service_tokens import ServiceToken
from api.store.view import View
from api.use_cases.pages import Page, read_page
from api.use_cases.require_found import found
from api.use_cases.service_tokens.commands import ServiceTokensAsked


def get_service_token(view: View, token_id: UUID) -> ServiceToken:
    """Raises `NotFound`."""
    return found(view.service_tokens.get, "service token", token_id)


def list_service_tokens(view: View, asked: ServiceTokensAsked) -> Page[ServiceToken]:
    return read_page(asked, view.service_tokens.page)
