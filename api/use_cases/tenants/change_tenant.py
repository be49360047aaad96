"""Changes what a shop is called, speaks, counts in and uses; closes it, and opens it again."""

from dataclasses import replace
from typing import Final

from api.domain import tenants as domain
from api.domain.changes import ANY_VERSION, Decision, Expected, Versioned
from api.domain.errors import Conflict, Invalid
from api.store.list_pages import PageWanted
from api.store.unit_of_work import UnitOfWork
from api.use_cases.require_found import found
from api.use_cases.tenants.commands import TenantChange
from api.use_cases.tenants.time_zones import checked_time_zone
from schemas.events.tenant import Tenant

_FIELDS: Final = tuple(sorted(TenantChange.model_fields))


def change_tenant(work: UnitOfWork, command: TenantChange, expected: Expected = ANY_VERSION) -> Versioned[Tenant]:
    """As it was when nothing is different.

    Raises `NotFound`, `VersionMismatch`, `Invalid`, and `Conflict` for another currency once there are orders.
    """
    held = held_tenant(work, expected)
    was = held.value
    now_is = replace(
        was,
        name=command.name or was.name,
        default_locale=command.default_locale or was.default_locale,
        locales=tuple(command.locales or was.locales),
        currency=command.currency or was.currency,
        time_zone=checked_time_zone(command.time_zone or was.time_zone),
        modules=was.modules if command.modules is None else tuple(sorted(set(command.modules))),
    )
    if now_is.currency != was.currency:
        _refuse_with_orders(work)
    change = domain.change(held, now_is, work.now)
    changed = [name for name in _FIELDS if getattr(was, name) != getattr(now_is, name)]
    work.tell_of_act(str(work.tenant_id), changed=", ".join(changed))
    return _saved(work, held, change)


def deactivate_tenant(work: UnitOfWork, expected: Expected = ANY_VERSION) -> Versioned[Tenant]:
    """Nothing of it is served any more; nothing is lost. Raises `NotFound`, `VersionMismatch`."""
    held = held_tenant(work, expected)
    return _saved(work, held, domain.deactivate(held, work.now))


def reactivate_tenant(work: UnitOfWork, expected: Expected = ANY_VERSION) -> Versioned[Tenant]:
    """Raises `NotFound`, `VersionMismatch`, and `Conflict` for one that is being erased."""
    held = held_tenant(work, expected)
    if work.tenants.is_being_erased(work.tenant_id):
        raise Conflict("This shop is being erased.")
    return _saved(work, held, domain.reactivate(held, work.now))


def erase_tenant(work: UnitOfWork, slug: str, expected: Expected = ANY_VERSION) -> Versioned[Tenant]:
    """It is closed now, and in a while nothing of it is left. `slug` is its own, so that nobody means another.

    Raises `NotFound`, `VersionMismatch`, `Invalid`.
    """
    held = held_tenant(work, expected)
    if slug != held.value.slug:
        raise Invalid.field("slug", "another", f"The slug of this shop is {held.value.slug}.")
    held = _saved(work, held, domain.deactivate(held, work.now))
    work.tenants.begin_erasure(work.tenant_id, work.now)
    return held


def held_tenant(work: UnitOfWork, expected: Expected = ANY_VERSION) -> Versioned[Tenant]:
    """The shop that `work` is about. Raises `NotFound`, `VersionMismatch`."""
    held = found(work.tenants.get, "tenant", work.tenant_id)
    expected.require(held)
    return held


def _refuse_with_orders(work: UnitOfWork) -> None:
    if work.orders.page(PageWanted(sort="newest", limit=1)):
        raise Conflict("This shop has orders in its currency: it keeps it.")


def _saved(work: UnitOfWork, held: Versioned[Tenant], change: Decision[Tenant] | None) -> Versioned[Tenant]:
    return held if change is None else work.save(work.tenants, change)
