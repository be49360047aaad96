"""Opens a shop."""

from api.domain import modules
from api.domain import tenants as domain
from api.domain.changes import Versioned
from api.store.unit_of_work import UnitOfWork
from api.use_cases.tenants.commands import NewTenant
from api.use_cases.tenants.shop_domains import DomainCheck, new_claim
from api.use_cases.tenants.time_zones import checked_time_zone
from schemas.events.tenant import Tenant


def create_tenant(work: UnitOfWork, command: NewTenant, check: DomainCheck) -> Versioned[Tenant]:
    """The shop is the tenant that `work` is about. Its domains are still to be shown to be its own, if `check` asks.

    Raises `Invalid`, and `Taken` for a slug or domain in use.
    """
    made = Tenant(
        id=work.tenant_id,
        slug=command.slug,
        name=command.name,
        domains=tuple(command.domains) if check.at_once else (),
        default_locale=command.default_locale,
        locales=tuple(command.locales or [command.default_locale]),
        currency=command.currency,
        time_zone=checked_time_zone(command.time_zone),
        modules=modules.ALL,
        active=True,
    )
    held = work.save(work.tenants, domain.create(made, work.now))
    for name in () if check.at_once else command.domains:
        work.domain_claims.add(new_claim(name, work.now))
    return held
