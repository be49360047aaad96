"""Withdraws a key that signs access tokens: none of its tokens is believed any more."""

from datetime import datetime

from api.domain.errors import Conflict, NotFound
from api.domain.signing_keys import signer
from api.store.signing_keys import SigningKeyRows


def retire_signing_key(rows: SigningKeyRows, kid: str, now: datetime) -> None:
    """Raises `NotFound`, and `Conflict` when no key would be left that signs."""
    rows.take_turns()
    keys = rows.all()
    if kid not in {key.kid for key in keys if key.retired_at is None}:
        raise NotFound("signing key", kid)
    if signer([key for key in keys if key.kid != kid], now) is None:
        raise Conflict(f"No other key than {kid} signs by now.")
    rows.retire(kid, now)
    rows.destroy_private_halves([kid])
