"""Reads and writes the domains that a shop says are its own, until that is shown: `domain_claims`.

Several shops may claim the same: it becomes the shop's whose it is shown to be.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg


@dataclass(frozen=True, slots=True)
class DomainClaim:
    """`proof` is what only who has the domain can publish there."""

    domain: str
    proof: str
    claimed_at: datetime


class DomainClaimRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def all(self) -> list[DomainClaim]:
        """By name."""
        found = self._connection.execute(
            "SELECT domain, proof, claimed_at FROM domain_claims WHERE tenant_id = %s ORDER BY domain",
            (self._tenant_id,),
        )
        return [DomainClaim(*row) for row in found]

    def get(self, domain: str) -> DomainClaim | None:
        return next((claim for claim in self.all() if claim.domain == domain), None)

    def add(self, claim: DomainClaim) -> None:
        """One that is there stays, with its proof."""
        self._connection.execute(
            "INSERT INTO domain_claims (tenant_id, domain, proof, claimed_at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (self._tenant_id, claim.domain, claim.proof, claim.claimed_at),
        )

    def remove(self, domain: str) -> bool:
        """Whether it was there."""
        removed = self._connection.execute(
            "DELETE FROM domain_claims WHERE tenant_id = %s AND domain = %s", (self._tenant_id, domain)
        )
        return removed.rowcount == 1
