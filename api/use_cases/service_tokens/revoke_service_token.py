"""Takes a token away from a program; what it was stays on record."""

from uuid import UUID

from api.domain.service_tokens import ServiceToken
from api.store.unit_of_work import UnitOfWork
from api.use_cases.service_tokens.read_service_tokens import get_service_token


def revoke_service_token(work: UnitOfWork, token_id: UUID) -> ServiceToken:
    """As it is from now on. Again is no act. Raises `NotFound`."""
    held = get_service_token(work, token_id)
    if held.revoked_at is not None:
        work.nothing_is_done()
        return held
    work.service_tokens.revoke(token_id, work.now)
    return get_service_token(work, token_id)
