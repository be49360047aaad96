"""Makes the seal of webhooks' secrets from the key that the API and who delivers share."""

from typing import Final

from ops.failure import Failure
from ops.sealed_secrets import Seal
from ops.settings import Settings

SHORTEST: Final = 32


def webhook_seal(settings: Settings) -> Seal:
    """Raises a `Failure` where there is no good key."""
    key = settings.webhook_key.get_secret_value()
    if len(key) < SHORTEST:
        raise Failure(
            f"There is no good key for webhooks: it has fewer than {SHORTEST} characters.",
            "`rustok up` makes one; the API and `rustok streams webhooks` need the same RUSTOK_WEBHOOK_KEY.",
        )
    return Seal(key)
