"""Holds what is needed to take payments: the provider and its name, and the seal of how somebody pays."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from api.domain.errors import Conflict
from api.domain.payment_provider import PaymentProvider, ProviderAway
from ops.sealed_secrets import Seal


class GuardedProvider(PaymentProvider, Protocol):
    """One whose calls take no longer than they may, and raise nothing but `ProviderAway`."""

    def require_near(self) -> None:
        """Raises `ProviderAway` where it has just not answered several times."""


class NoProvider(Conflict):
    """The platform has none."""

    code = "no_payment_provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDesk:
    """Made once for each process. A payment that the provider has said nothing of after `waits` is declined.

    The provider is asked again `ask_again` after it was asked first: longer than it may take to answer.
    """

    name: str = ""
    provider: GuardedProvider | None = None
    seal: Seal = field(repr=False)
    waits: timedelta = timedelta(hours=1)
    ask_again: timedelta = timedelta(seconds=30)

    @property
    def asked(self) -> GuardedProvider:
        """Raises `NoProvider`."""
        if self.provider is None:
            raise NoProvider("This platform takes no payments.")
        return self.provider

    def of(self, name: str) -> GuardedProvider:
        """Raises `ProviderAway` for one that took money once, and is not set any more."""
        if self.provider is None or name != self.name:
            raise ProviderAway(60)
        return self.provider

    def close(self, payment_id: UUID, token: str) -> bytes:
        """How somebody pays, sealed."""
        return self.seal.close(token.encode(), str(payment_id))

    def open(self, payment_id: UUID, sealed: bytes) -> str:
        """Raises `SealedWithAnotherKey`."""
        return self.seal.open(sealed, str(payment_id)).decode()
