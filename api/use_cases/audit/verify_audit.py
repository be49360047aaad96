"""Compares rows, chains and anchored heads of the audit trail, and names what does not fit."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from api.domain.audit_chain import Broken, broken_places
from api.store import audit_chains
from schemas.events.audit import Audit

#: Hashes by number, of each chain.
Anchors = Mapping[UUID, Mapping[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found in a chain. `waiting` rows have no place yet; `outside` were not written as rows are written."""

    chain_id: UUID
    chained: int
    waiting: int
    anchored: int
    broken: tuple[Broken, ...]
    outside: tuple[UUID, ...]

    @property
    def is_whole(self) -> bool:
        return not self.broken and not self.outside


def verify(connection: psycopg.Connection[Any], anchors: Anchors, only: UUID | None = None) -> Iterator[Verdict]:
    """Of each chain there is or was; `connection` sees the rows of all, in one transaction."""
    known = {*audit_chains.chain_ids(connection), *anchors}
    for chain_id in sorted(known if only is None else {only}):
        anchored = anchors.get(chain_id, {})
        broken = tuple(broken_places(audit_chains.links(connection, chain_id), anchored))
        yield Verdict(
            chain_id=chain_id,
            anchored=len(anchored),
            broken=broken,
            outside=tuple(audit_chains.outside(connection, chain_id)),
            **audit_chains.how_many(connection, chain_id),
        )


def anchors_of(heads: Iterable[Audit]) -> Anchors:
    """As they were anchored first: nobody takes the place of a head that is known."""
    found: dict[UUID, dict[int, str]] = {}
    for audit in heads:
        found.setdefault(audit.chain_id, {}).setdefault(audit.seq, audit.head)
    return found
