"""Holds what is needed to make webhooks: the seal of secrets, which hosts may be reached, how long a secret is good."""

from dataclasses import dataclass, field
from datetime import timedelta

from api.domain.errors import Invalid
from ops.clients.public_addresses import NotAllowed, PrivateHosts, target_of
from ops.sealed_secrets import Seal
from ops.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDesk:
    """Made once for each process."""

    seal: Seal = field(repr=False)
    private: PrivateHosts = field(default_factory=PrivateHosts)
    old_secret: timedelta = timedelta(hours=24)

    @classmethod
    def of(cls, settings: Settings) -> "WebhookDesk":
        return cls(
            seal=Seal(settings.webhook_key.get_secret_value()),
            private=PrivateHosts.of(settings.webhook_private_hosts),
            old_secret=timedelta(hours=settings.webhook_old_secret_h),
        )

    def require_public(self, url: str) -> None:
        """As far as its text says; who delivers looks at the address itself. Raises `Invalid`."""
        try:
            target_of(url, self.private)
        except NotAllowed as no:
            raise Invalid.field("url", "not_allowed", str(no)) from no
