"""Whose prices somebody pays is known within a second, and the database is not asked for each search."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID, uuid4

import pytest

from api.http.kept_customer_groups import KEPT_S, StoredCustomerGroups
from api.store.errors import StoreDown
from api.store.store import Store

TENANT, USER = uuid4(), uuid4()


@dataclass
class Answers:
    """A store that knows of one group, or is down."""

    group: str | None = "trade"
    down: bool = False
    asked: list[UUID] = field(default_factory=list)

    @contextmanager
    def reading(self, tenant_id: UUID) -> Iterator["Answers"]:
        self.asked.append(tenant_id)
        if self.down:
            raise StoreDown
        yield self

    def execute(self, *_: object) -> "Answers":
        return self

    def fetchone(self) -> tuple[str | None]:
        return (self.group,)


@dataclass
class Clock:
    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


def groups(answers: Answers, clock: Clock) -> StoredCustomerGroups:
    return StoredCustomerGroups(cast(Store, answers), clock)


@pytest.mark.parametrize("group", ["trade", None])
def test_the_database_is_asked_once_in_a_second_and_again_after_it(group: str | None) -> None:
    answers, clock = Answers(group), Clock()
    known = groups(answers, clock)

    first = [known.of(TENANT, str(USER)) for _ in range(3)]
    answers.group, clock.seconds = "press", clock.seconds + KEPT_S + 0.01
    second = known.of(TENANT, str(USER))

    assert (first, second, len(answers.asked)) == ([group] * 3, "press", 2)


@pytest.mark.parametrize("who", ["anonymous", "boss", "", "0190D1F2-0000-7000-8000-00000000AB01", "tok-1"])
def test_who_cannot_be_a_user_costs_no_look_up(who: str) -> None:
    answers = Answers()

    assert groups(answers, Clock()).of(TENANT, who) is None
    assert answers.asked == []


@pytest.mark.parametrize("group", ["trade", None])
def test_while_the_database_is_away_a_group_stays_what_it_was_and_nobody_new_is_guessed_at(group: str | None) -> None:
    answers, clock = Answers(group), Clock()
    known = groups(answers, clock)
    known.of(TENANT, str(USER))
    answers.down, clock.seconds = True, clock.seconds + 60

    assert known.of(TENANT, str(USER)) == group
    with pytest.raises(StoreDown):
        known.of(TENANT, str(uuid4()))
