"""Chains rows of the audit trail by hashes, and finds where a chain is not what it was.

The hash of a row is SHA-256 of the hash before it (32 zero bytes for the first) and the row in canonical JSON: UTF-8,
keys sorted, no spaces, times in UTC with microseconds. Whoever changes, removes, adds or swaps a row has to change
every hash after it, and those that were anchored outside of the database they cannot change.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import orjson

from api.domain.audit import AuditEntry
from schemas.envelope import timestamp

GENESIS: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class Link:
    """A place of a chain. `entry` is None when its row is gone."""

    seq: int
    hash: bytes
    entry: AuditEntry | None


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place that is not right, and what is not right there."""

    seq: int
    what: str


def canonical(entry: AuditEntry, seq: int) -> bytes:
    return orjson.dumps(
        {
            "about": None if entry.about is None else str(entry.about),
            "act": entry.act,
            "actor_id": entry.actor_id,
            "address": entry.address,
            "at": timestamp(entry.at),
            "correlation_id": entry.correlation_id,
            "detail": dict(entry.detail),
            "id": str(entry.id),
            "object": entry.object,
            "outcome": entry.outcome,
            "reason": entry.reason,
            "request_id": str(entry.request_id),
            "role": entry.role,
            "seq": seq,
            "tenant_id": str(entry.tenant_id),
        },
        option=orjson.OPT_SORT_KEYS,
    )


def hash_of(before: bytes, entry: AuditEntry, seq: int) -> bytes:
    return sha256(before + canonical(entry, seq)).digest()


def broken_places(links: Iterable[Link], anchored: Mapping[int, str]) -> Iterator[Broken]:
    """`links` in order of their numbers; `anchored` are hashes in hexadecimal digits that are known from elsewhere."""
    expected, before = 1, GENESIS
    for link in links:
        whole = link.seq == expected
        if not whole:
            yield _missing(expected, link.seq - 1)
        if link.entry is None:
            yield Broken(link.seq, "its row is gone")
        elif whole and hash_of(before, link.entry, link.seq) != link.hash:
            yield Broken(link.seq, "the row is not the one that was chained here, or what is before it is not")
        if anchored.get(link.seq, link.hash.hex()) != link.hash.hex():
            yield Broken(link.seq, "the head that was anchored here is another")
        expected, before = link.seq + 1, link.hash
    last = max(anchored, default=0)
    if last >= expected:
        yield _missing(expected, last)


def _missing(first: int, last: int) -> Broken:
    return Broken(first, "it is missing" if first == last else f"it is missing, and all up to {last}")
