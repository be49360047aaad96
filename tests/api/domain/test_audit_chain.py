from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.audit import AuditEntry
from api.domain.audit_chain import GENESIS, Broken, Link, broken_places, canonical, hash_of

ENTRY = AuditEntry(
    id=UUID(int=7),
    tenant_id=UUID(int=1),
    about=None,
    at=datetime(2026, 11, 28, 12, 0, 0, 5, tzinfo=UTC),
    actor_id="anna",
    role="admin",
    act="roles:create",
    object="Käse",
    outcome="done",
    reason='a "reason"',
    address="203.0.113.9",
    request_id=UUID(int=2),
    correlation_id="c",
    detail={"times": 2, "call": "POST /v1/roles"},
)
CANONICAL = (
    '{"about":null,"act":"roles:create","actor_id":"anna","address":"203.0.113.9","at":"2026-11-28T12:00:00.000005Z",'
    '"correlation_id":"c","detail":{"call":"POST /v1/roles","times":2},"id":"00000000-0000-0000-0000-000000000007",'
    '"object":"Käse","outcome":"done","reason":"a \\"reason\\"","request_id":"00000000-0000-0000-0000-000000000002",'
    '"role":"admin","seq":1,"tenant_id":"00000000-0000-0000-0000-000000000001"}'
)


def chain(length: int) -> list[Link]:
    links, before = list[Link](), GENESIS
    for seq in range(1, length + 1):
        entry = replace(ENTRY, id=UUID(int=seq))
        before = hash_of(before, entry, seq)
        links.append(Link(seq, before, entry))
    return links


def anchors(links: list[Link]) -> dict[int, str]:
    return {link.seq: link.hash.hex() for link in links}


def places(links: list[Link], anchored: dict[int, str] | None = None) -> list[int]:
    return [broken.seq for broken in broken_places(links, anchored or {})]


def test_a_row_has_one_spelling_and_its_hash_can_be_computed_by_anybody() -> None:
    assert canonical(ENTRY, 1).decode() == CANONICAL
    assert hash_of(GENESIS, ENTRY, 1).hex() == "82177657240dc2df24448b2057067d38297020c4f94e9d68385d10652af0f92a"
    assert hash_of(b"\x01" * 32, ENTRY, 1).hex() == "d0dc5006ffe1d1dcf1c360d38a8eef820b2a5ff9898bfb228b63847724f6eae1"


def test_the_same_moment_is_the_same_in_every_zone() -> None:
    elsewhere = replace(ENTRY, at=ENTRY.at.astimezone(timezone(timedelta(hours=5, minutes=30))))

    assert canonical(elsewhere, 1) == canonical(ENTRY, 1)


def test_the_order_in_which_details_come_back_does_not_count() -> None:
    turned = replace(ENTRY, detail=dict(reversed(ENTRY.detail.items())))

    assert canonical(turned, 1) == canonical(ENTRY, 1)


@given(st.text(alphabet=st.characters(codec="utf-8")), st.text(alphabet=st.characters(codec="utf-8")))
def test_two_rows_that_differ_in_a_text_are_never_spelled_alike(one: str, other: str) -> None:
    assert (canonical(replace(ENTRY, reason=one), 1) == canonical(replace(ENTRY, reason=other), 1)) == (one == other)
    assert canonical(replace(ENTRY, reason=one, object=other), 1) != canonical(
        replace(ENTRY, reason=one + other, object=""), 1
    ) or (one, other) == (one + other, "")


def test_a_chain_as_it_was_made_is_whole() -> None:
    links = chain(9)

    assert places(links, anchors(links)) == []
    assert places([]) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"actor_id": "bert"},
        {"at": ENTRY.at + timedelta(microseconds=1)},
        {"outcome": "denied"},
        {"detail": {}},
        {"about": UUID(int=1)},
    ],
)
def test_a_row_that_was_changed_is_named(changed: dict[str, object]) -> None:
    links = chain(9)
    links[4] = replace(links[4], entry=replace(links[4].entry, **changed))  # type: ignore[arg-type,type-var]

    assert places(links) == [5]


def test_a_row_that_was_changed_with_its_hash_shows_in_the_next() -> None:
    links = chain(9)
    entry = replace(ENTRY, id=UUID(int=5), actor_id="bert")
    links[4] = Link(5, hash_of(links[3].hash, entry, 5), entry)

    assert places(links) == [6]


def test_a_row_that_is_gone_is_named() -> None:
    links = chain(9)
    links[4] = replace(links[4], entry=None)

    assert list(broken_places(links, {})) == [Broken(5, "its row is gone")]


def test_places_that_are_gone_are_named() -> None:
    links = chain(9)
    del links[4:6]

    assert list(broken_places(links, {})) == [Broken(5, "it is missing, and all up to 6")]


def test_two_rows_that_were_swapped_are_both_named() -> None:
    links = chain(9)
    links[2], links[6] = replace(links[2], entry=links[6].entry), replace(links[6], entry=links[2].entry)

    assert places(links) == [3, 7]


def test_a_row_that_was_put_between_is_named() -> None:
    links = chain(9)
    false = Link(5, hash_of(links[3].hash, ENTRY, 5), ENTRY)
    moved = [replace(link, seq=link.seq + 1) for link in links[4:]]

    assert places([*links[:4], false, *moved])[0] == 6


def test_an_end_that_was_cut_off_is_named_by_the_anchor() -> None:
    links = chain(9)

    assert list(broken_places(links[:6], anchors(links))) == [Broken(7, "it is missing, and all up to 9")]
    assert list(broken_places([], {1: links[0].hash.hex()})) == [Broken(1, "it is missing")]


def test_a_chain_that_was_made_anew_is_named_by_the_anchor() -> None:
    links, before = list[Link](), GENESIS
    for seq in range(1, 10):
        entry = replace(ENTRY, id=UUID(int=seq), actor_id="nobody")
        before = hash_of(before, entry, seq)
        links.append(Link(seq, before, entry))

    assert places(links) == []
    assert places(links, {4: anchors(chain(9))[4]}) == [4]
