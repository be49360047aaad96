"""Takes a token away from a program; what it was stays on record."""

from uuid import UUID

from api.domain.service_tokens import ServiceToken
from api.store.unit_of_work import UnitOfWork
from api.use_cases.service_tokens.read_service_tokens import get_service_token


def revoke_service_token(work: UnitOfWork, token_id: UUID) -> ServiceToken:
    """As it is from now on. Raises `NotFound`."""
    get_service_token(work, token_id)
    work.service_tokens.revoke(token_id, work.now)
    return get_service_token(work, token_id)
