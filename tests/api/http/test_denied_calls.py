from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from api.domain.audit import AuditEntry
from api.http.denied_calls import MINUTE_S, MOST, DeniedCalls
from api.store.errors import StoreDown
from tests.api.conftest import Clock
from tests.support.waiting import wait_until


@dataclass
class Trail:
    """Takes rows, unless it is away."""

    rows: list[AuditEntry] = field(default_factory=list)
    is_away: bool = False

    def record(self, entries: Sequence[AuditEntry]) -> None:
        if self.is_away:
            raise StoreDown
        self.rows.extend(entries)

    def times(self) -> list[object]:
        return [row.detail["times"] for row in self.rows]


def refused(actor: str = "carl", act: str = "users:list") -> AuditEntry:
    return AuditEntry(
        id=uuid4(),
        tenant_id=SHOP,
        about=None,
        at=datetime(2026, 11, 28, tzinfo=UTC),
        actor_id=actor,
        role="customer",
        act=act,
        object="",
        outcome="denied",
        reason="",
        address="203.0.113.9",
        request_id=uuid4(),
        correlation_id="c",
    )


SHOP = uuid4()


def not_written() -> float:
    return REGISTRY.get_sample_value("rustok_audit_not_written_total") or 0.0


@pytest.fixture
def trail() -> Trail:
    return Trail()


@pytest.fixture
def denied(trail: Trail, clock: Clock) -> DeniedCalls:
    return DeniedCalls(trail, clock.now_s)


def test_the_first_is_written_at_once_and_the_others_of_its_minute_in_one_row(
    denied: DeniedCalls, trail: Trail, clock: Clock
) -> None:
    denied.note(refused())
    denied.flush()
    for _ in range(999):
        denied.note(refused())
        denied.flush()
    at_first = trail.times()
    clock.sleep(MINUTE_S)
    denied.flush()

    assert (at_first, trail.times()) == ([1], [1, 999])
    assert len({row.id for row in trail.rows}) == 2
    denied.close()


def test_each_actor_and_each_act_is_told_of_by_itself(denied: DeniedCalls, trail: Trail) -> None:
    for entry in (refused(), refused("dora"), refused(act="roles:list"), replace(refused(), outcome="failed")):
        denied.note(entry)
    denied.flush()

    assert trail.times() == [1, 1, 1, 1]
    denied.close()


def test_a_flood_of_actors_is_counted_and_not_written(denied: DeniedCalls, trail: Trail) -> None:
    before = not_written()

    for number in range(MOST + 50):
        denied.note(refused(f"actor {number}"))
    denied.flush()

    assert len(trail.rows) == MOST
    assert not_written() - before == 50
    denied.close()


def test_nothing_is_lost_while_the_store_is_away(denied: DeniedCalls, trail: Trail) -> None:
    trail.is_away = True
    denied.note(refused())
    denied.flush()
    denied.note(refused())
    trail.is_away = False
    denied.flush()

    assert sum(int(times) for times in trail.times()) == 2  # type: ignore[call-overload]
    denied.close()


def test_somebody_writes_them_without_being_asked(denied: DeniedCalls, trail: Trail) -> None:
    denied.note(refused())

    wait_until(lambda: trail.times() == [1], 10, "it is written")
    denied.close()


def test_what_is_left_is_written_at_the_end(denied: DeniedCalls, trail: Trail) -> None:
    for _ in range(3):
        denied.note(refused())
    denied.close()

    assert sum(int(times) for times in trail.times()) == 3  # type: ignore[call-overload]
