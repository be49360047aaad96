"""Shows the tokens of programs: one, or a page of them, oldest first; never their texts."""

from uuid import UUID

from api.domain.service_tokens import ServiceToken
from api.store.view import View
from api.use_cases.pages import Page, PageAsked, page_of
from api.use_cases.require_found import found


def get_service_token(view: View, token_id: UUID) -> ServiceToken:
    """Raises `NotFound`."""
    return found(view.service_tokens.get, "service token", token_id)


def list_service_tokens(view: View, asked: PageAsked) -> Page[ServiceToken]:
    return page_of(view.service_tokens.page(asked.cursor, asked.limit + 1), asked.limit, lambda token: token.id)
