"""What is taken from somebody is gone within a second, and the database is not asked for each request."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from api.domain.permissions import Grant, Role, Scope
from api.http.user_standings import KEPT_S, StoredStandings
from api.store.errors import StoreDown
from api.store.standings import Standing
from api.store.store import NO_TENANT, Store

TENANT, USER, SESSION = uuid4(), uuid4(), uuid4()
MANAGER = ("manager", [["orders", ["read"], "none", []]])


@dataclass
class Answers:
    """A store that answers with `row`, or is down."""

    row: tuple[str, Any] | None = MANAGER
    down: bool = False
    asked: list[tuple[UUID, bool]] = field(default_factory=list)

    @contextmanager
    def reading(self, tenant_id: UUID, *, platform: bool) -> Iterator["Answers"]:
        self.asked.append((tenant_id, platform))
        if self.down:
            raise StoreDown
        yield self

    def execute(self, *_: object) -> "Answers":
        return self

    def fetchone(self) -> tuple[str, Any] | None:
        return self.row


@dataclass
class Clock:
    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


def standings(answers: Answers, clock: Clock) -> StoredStandings:
    return StoredStandings(cast(Store, answers), clock)


def test_it_is_the_role_and_the_grants_that_they_have_now() -> None:
    found = standings(Answers(), Clock()).of(TENANT, USER, SESSION)

    assert found == Standing(Role.MANAGER, (Grant("orders", frozenset({"read"}), None),))
    assert Scope.ALL not in {grant.scope for grant in found.made}


def test_within_a_second_nobody_asks_again() -> None:
    answers, clock = Answers(), Clock()
    known = standings(answers, clock)

    known.of(TENANT, USER, SESSION)
    clock.seconds += KEPT_S * 0.89
    known.of(TENANT, USER, SESSION)

    assert len(answers.asked) == 1


def test_after_a_second_who_was_shut_out_is_out() -> None:
    answers, clock = Answers(), Clock()
    known = standings(answers, clock)

    known.of(TENANT, USER, SESSION)
    answers.row = None
    clock.seconds += KEPT_S

    assert KEPT_S <= 2
    assert known.of(TENANT, USER, SESSION) is None


def test_one_session_says_nothing_about_another() -> None:
    answers, clock = Answers(), Clock()
    known = standings(answers, clock)

    known.of(TENANT, USER, SESSION)
    answers.row = None

    assert known.of(TENANT, USER, uuid4()) is None


def test_while_the_database_is_away_what_was_known_stays_known() -> None:
    answers, clock = Answers(), Clock()
    known = standings(answers, clock)

    before = known.of(TENANT, USER, SESSION)
    answers.down, clock.seconds = True, clock.seconds + 60

    assert known.of(TENANT, USER, SESSION) == before
    with pytest.raises(StoreDown):
        known.of(TENANT, USER, uuid4())


def test_the_platforms_own_people_are_asked_for_as_such() -> None:
    answers = Answers(row=("operator", None))

    found = standings(answers, Clock()).of(None, USER, SESSION)

    assert found == Standing(Role.OPERATOR, ())
    assert answers.asked == [(NO_TENANT, True)]
