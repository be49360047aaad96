from dataclasses import dataclass, field

import pytest

from api.http.kept_lookups import KeptLookups
from api.store.errors import StoreDown
from tests.api.conftest import Clock


@dataclass
class Shelf:
    """What is there, by name; `away` is when nobody answers."""

    things: dict[str, int] = field(default_factory=dict)
    away: bool = False
    asked: int = 0

    def look_up(self, name: str) -> int | None:
        self.asked += 1
        if self.away:
            raise StoreDown
        return self.things.get(name)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf({"cheese": 1})


@pytest.fixture
def lookups(shelf: Shelf, clock: Clock) -> KeptLookups[str, int]:
    return KeptLookups(shelf.look_up, clock.now_s, keep_s=10)


def test_what_is_there_is_looked_up_once_in_a_while(shelf: Shelf, lookups: KeptLookups[str, int], clock: Clock) -> None:
    found = [lookups.find("cheese") for _ in range(5)]
    shelf.things["cheese"] = 2
    clock.sleep(11)

    assert (found, lookups.find("cheese"), shelf.asked) == ([1] * 5, 2, 2)


def test_what_is_not_there_may_be_in_a_moment(shelf: Shelf, lookups: KeptLookups[str, int], clock: Clock) -> None:
    missing = [lookups.find("wine") for _ in range(5)]
    shelf.things["wine"] = 3
    clock.sleep(1.1)

    assert (missing, lookups.find("wine"), shelf.asked) == ([None] * 5, 3, 2)


def test_what_was_known_stays_known_while_the_database_is_away(
    shelf: Shelf, lookups: KeptLookups[str, int], clock: Clock
) -> None:
    lookups.find("cheese")
    shelf.away = True
    clock.sleep(1000)

    assert [lookups.find("cheese"), lookups.find("cheese")] == [1, 1]
    assert shelf.asked == 2


def test_what_was_never_seen_is_not_made_up(shelf: Shelf, lookups: KeptLookups[str, int]) -> None:
    shelf.away = True

    with pytest.raises(StoreDown):
        lookups.find("cheese")
