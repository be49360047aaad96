"""Adds domains to a shop, has it shown that they are its own, and takes them away."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from api.domain import tenants as domain
from api.domain.changes import Versioned
from api.domain.errors import Conflict, NotFound, NotProven
from api.domain.host_names import host_name
from api.domain.tenants import MOST_DOMAINS
from api.store.domain_claims import DomainClaim
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.tenants.change_tenant import held_tenant
from schemas.events.tenant import Tenant

_PROOF_BYTES: Final = 24


class DomainCheck(Protocol):
    """How it is shown that a domain is a shop's."""

    @property
    def at_once(self) -> bool:
        """Whether nothing has to be shown: for development."""

    def proves(self, domain: str, proof: str) -> bool:
        """Whether the domain publishes the proof just now. It may take seconds."""


@dataclass(frozen=True, slots=True)
class ShopDomain:
    """`claim` is there as long as it is not shown to be the shop's."""

    domain: str
    claim: DomainClaim | None


def new_claim(name: str, now: datetime) -> DomainClaim:
    return DomainClaim(name, secrets.token_urlsafe(_PROOF_BYTES), now)


def list_domains(view: View) -> list[ShopDomain]:
    """Those that are the shop's, then those that are still to be shown to be."""
    own = view.tenants.get(view.tenant_id)
    if own is None:
        raise NotFound("tenant", view.tenant_id)
    shown = [ShopDomain(name, None) for name in own.value.domains]
    return shown + [ShopDomain(claim.domain, claim) for claim in view.domain_claims.all()]


def get_domain(view: View, given: str) -> ShopDomain:
    """Raises `NotFound`."""
    name = host_name(given)
    for one in list_domains(view):
        if one.domain == name:
            return one
    raise NotFound("domain", given)


def add_domain(work: UnitOfWork, name: str, check: DomainCheck) -> ShopDomain:
    """It is the shop's at once where nothing has to be shown. Raises `Conflict` for too many, `Taken`."""
    work.tell_of_act(name)
    known = list_domains(work)
    for one in known:
        if one.domain == name:
            return one
    if len(known) >= MOST_DOMAINS:
        raise Conflict(f"A shop has at most {MOST_DOMAINS} domains.")
    if check.at_once:
        take_domain(work, name)
    else:
        work.domain_claims.add(new_claim(name, work.now))
    return get_domain(work, name)


def take_domain(work: UnitOfWork, name: str) -> Versioned[Tenant]:
    """It was shown to be the shop's. Raises `Taken` when it is another's, `Invalid`."""
    work.tell_of_act(name)
    held = held_tenant(work)
    change = domain.add_domain(held, name, work.now)
    work.domain_claims.remove(name)
    return held if change is None else work.save(work.tenants, change)


def remove_domain(work: UnitOfWork, given: str) -> None:
    """Raises `NotFound`."""
    one = get_domain(work, given)
    work.tell_of_act(one.domain)
    if one.claim is not None:
        work.domain_claims.remove(one.domain)
        return
    held = held_tenant(work)
    change = domain.remove_domain(held, one.domain, work.now)
    if change is not None:
        work.save(work.tenants, change)


def require_proof(one: ShopDomain, check: DomainCheck) -> None:
    """Asks the domain itself; nothing is locked meanwhile. Raises `NotProven`."""
    if one.claim is not None and not check.proves(one.domain, one.claim.proof):
        raise NotProven(
            f"Neither a TXT record nor a file at {one.domain} has the proof yet. It may take an hour until what was"
            " published is seen."
        )
