"""Opens a shop."""

from api.domain import tenants as domain
from api.domain.changes import Versioned
from api.store.unit_of_work import UnitOfWork
from api.use_cases.tenants.commands import NewTenant
from schemas.events.tenant import Tenant


def create_tenant(work: UnitOfWork, command: NewTenant) -> Versioned[Tenant]:
    """The shop is the tenant that `work` is about. Raises `Invalid`, and `Taken` for a slug or domain in use."""
    made = Tenant(
        id=work.tenant_id,
        slug=command.slug,
        name=command.name,
        domains=tuple(command.domains),
        default_locale=command.default_locale,
        locales=tuple(command.locales or [command.default_locale]),
        currency=command.currency,
        active=True,
    )
    return work.save(work.tenants, domain.create(made, work.now))
