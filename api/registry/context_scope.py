"""Which contexts somebody sees, and where they change things.

The platform's people: all of them, as far as their role goes. A tenant's: the default context, which holds what
everybody has to know, and their own; they change their own only. What is not seen is not there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from api.domain.errors import Forbidden
from api.domain.scope import Access
from api.registry.subject_names import DEFAULT, Subject, of_tenant
from api.store.store import NO_TENANT, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextScope:
    """`own` is a tenant's context; None for the platform's people, who have no end."""

    actor_id: str
    role: str
    tenant_id: UUID | None
    own: str | None

    @classmethod
    def of(cls, access: Access) -> "ContextScope":
        tenant = access.tenant
        return cls(
            actor_id=access.actor.actor_id,
            role=access.actor.role.value,
            tenant_id=None if tenant is None else tenant.id,
            own=None if tenant is None else of_tenant(tenant.slug),
        )

    @property
    def seen(self) -> list[str] | None:
        """The contexts; None is all there are."""
        return None if self.own is None else [DEFAULT, self.own]

    def must_change(self, subject: Subject) -> None:
        """Raises `Forbidden` where this one may only look, or not even that."""
        if self.own not in (None, subject.context):
            raise Forbidden(f"A token of this tenant changes only what is in the context {self.own}.")

    @contextmanager
    def transaction(self, store: Store) -> Iterator[psycopg.Connection[Any]]:
        """A transaction in which the database shows exactly this much."""
        with store.reading(self.tenant_id or NO_TENANT, platform=self.own is None) as connection:
            yield connection
