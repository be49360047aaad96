"""Says of a job's own changes who wanted them: no request stands behind them."""

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7

from api.store.outbox import Cause


def job_cause(actor_id: str, word: str, *, about: UUID | None = None, request_id: UUID | None = None) -> Cause:
    """A trace of its own. What is of one correlation is called by the `word` and what it is `about`, or this turn."""
    request_id = request_id or uuid7()
    return Cause(
        actor_id=actor_id,
        request_id=request_id,
        correlation_id=f"{word}-{about or request_id}",
        traceparent=f"00-{request_id.hex}-{secrets.token_hex(8)}-01",
    )
