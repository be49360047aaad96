"""Makes the key that signs access tokens next."""

import secrets
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.domain.errors import Conflict
from api.domain.signing_keys import (
    BELIEVED,
    PUBLISHED_BEFORE,
    PUBLISHED_BEFORE_IN_HASTE,
    KeyState,
    SigningKey,
    signer,
    state_of,
)
from api.store.signing_keys import SigningKeyRows
from ops.sealed_secrets import Seal


def rotate_signing_key(rows: SigningKeyRows, seal: Seal, now: datetime, *, in_haste: bool = False) -> SigningKey:
    """It is published now and signs in ten minutes, or in seconds; the first one signs now.

    The private halves of keys that are over are destroyed. Raises `Conflict` while another one is about to sign.
    """
    rows.take_turns()
    keys = rows.all()
    coming = next((key for key in keys if state_of(key, keys, now) is KeyState.NEXT), None)
    if coming is not None and not in_haste:
        raise Conflict(f"The key {coming.kid} is published and signs from {coming.signs_from:%Y-%m-%d %H:%M:%S} UTC.")
    before = PUBLISHED_BEFORE_IN_HASTE if in_haste else PUBLISHED_BEFORE
    kid, private = secrets.token_urlsafe(12), Ed25519PrivateKey.generate()
    made = SigningKey(
        kid=kid,
        public=private.public_key().public_bytes_raw(),
        sealed=seal.close(private.private_bytes_raw(), kid),
        made_at=now,
        signs_from=now if signer(keys, now) is None else now + before,
    )
    rows.add(made)
    rows.destroy_private_halves([key.kid for key in keys if state_of(key, keys, now) not in BELIEVED])
    return made


def ensure_signing_key(rows: SigningKeyRows, seal: Seal, now: datetime) -> SigningKey | None:
    """The first key, when there is none that signs."""
    return None if signer(rows.all(), now) is not None else rotate_signing_key(rows, seal, now)
