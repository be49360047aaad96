import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from api.http.kept_lookups import Keeping, KeptLookups
from api.store.errors import StoreDown
from tests.api.conftest import Clock
from tests.support.waiting import wait_until

FRESH_S, STALE_S, HARD_S = 10.0, 30.0, 3600.0
CHEESE = Keeping(fresh_s=FRESH_S, stale_s=STALE_S, hard_s=HARD_S, most=100, most_missing=10, wait_s=20)


@dataclass
class Shelf:
    """What is there, by name; `away` is when nobody answers. While `open` is not set, an answer takes for ever.

    `wanted` has an entry for each who came, whether it was known to them.
    """

    things: dict[str, int] = field(default_factory=dict)
    away: bool = False
    asked: int = 0
    open: threading.Event = field(default_factory=threading.Event)
    wanted: list[bool] = field(default_factory=list)

    def look_up(self, name: str) -> int | None:
        self.asked += 1
        found, away = self.things.get(name), self.away
        self.open.wait(30)
        if away:
            raise StoreDown
        return found


@dataclass
class Crowd:
    """So many threads that all want the same at once."""

    lookups: KeptLookups[str, int]
    pool: ThreadPoolExecutor

    def find(self, name: str, many: int) -> "list[Callable[[], int | None]]":
        return [self.pool.submit(self.lookups.find, name).result for _ in range(many)]


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    made = Shelf({"cheese": 1})
    made.open.set()
    yield made
    made.open.set()


@pytest.fixture
def lookups(shelf: Shelf, clock: Clock) -> KeptLookups[str, int]:
    return KeptLookups(shelf.look_up, clock.now_s, CHEESE, count=shelf.wanted.append, chance=lambda: 0.0)


@pytest.fixture
def crowd(lookups: KeptLookups[str, int]) -> Iterator[Crowd]:
    with ThreadPoolExecutor(1000) as pool:
        yield Crowd(lookups, pool)


def test_what_is_there_is_looked_up_once_in_a_while(shelf: Shelf, lookups: KeptLookups[str, int], clock: Clock) -> None:
    found = [lookups.find("cheese") for _ in range(5)]
    shelf.things["cheese"] = 2
    clock.sleep(STALE_S)

    assert (found, lookups.find("cheese"), shelf.asked) == ([1] * 5, 2, 2)


def test_a_thousand_who_miss_the_same_ask_once(shelf: Shelf, crowd: Crowd) -> None:
    shelf.open.clear()

    asked = crowd.find("cheese", 1000)
    shelf.open.set()

    assert [found() for found in asked] == [1] * 1000
    assert shelf.asked == 1


def test_a_failure_is_everybodys_and_nobodys_afterwards(shelf: Shelf, crowd: Crowd) -> None:
    shelf.open.clear()
    shelf.away = True
    asked = crowd.find("cheese", 200)
    wait_until(lambda: len(shelf.wanted) == 200, 20, "all of them have come")
    shelf.open.set()
    failed = [fails(found) for found in asked]
    shared = shelf.asked

    shelf.away = False

    assert failed == [True] * 200
    assert shared <= 10  # one, and those who came in the moment it was over
    assert (crowd.lookups.find("cheese"), shelf.asked) == (1, shared + 1)


def fails(found: Callable[[], int | None]) -> bool:
    try:
        found()
    except StoreDown:
        return True
    return False


def test_any_other_failure_is_told_as_it_is(clock: Clock) -> None:
    def broken(name: str) -> int:
        raise LookupError(name)

    with pytest.raises(LookupError, match="cheese"):
        KeptLookups(broken, clock.now_s, CHEESE).find("cheese")


def test_nobody_waits_for_ever_and_who_gives_up_stops_nobody(shelf: Shelf, clock: Clock) -> None:
    impatient = KeptLookups(shelf.look_up, clock.now_s, Keeping(fresh_s=FRESH_S, wait_s=0.01))
    shelf.open.clear()

    with pytest.raises(StoreDown) as gave_up:
        impatient.find("cheese")
    shelf.open.set()

    assert gave_up.value.retry_after_s == 1
    wait_until(lambda: found_at_once(impatient), 10, "it was looked up all the same")
    assert shelf.asked == 1


def found_at_once(lookups: KeptLookups[str, int]) -> bool:
    try:
        return lookups.find("cheese") == 1
    except StoreDown:
        return False


def test_what_is_stale_is_given_at_once_and_fetched_anew_by_one(
    shelf: Shelf, lookups: KeptLookups[str, int], clock: Clock
) -> None:
    lookups.find("cheese")
    shelf.things["cheese"] = 2
    shelf.open.clear()
    clock.sleep(FRESH_S)

    stale = [lookups.find("cheese") for _ in range(20)]
    shelf.open.set()

    assert stale == [1] * 20
    wait_until(lambda: lookups.find("cheese") == 2, 10, "it is fetched anew")
    assert shelf.asked == 2


@pytest.mark.parametrize(("chance", "good_s"), [(0.0, FRESH_S), (1.0, FRESH_S * 0.9)])
def test_not_everything_ends_at_once(shelf: Shelf, clock: Clock, chance: float, good_s: float) -> None:
    lookups = KeptLookups(shelf.look_up, clock.now_s, Keeping(fresh_s=FRESH_S), chance=lambda: chance)
    lookups.find("cheese")

    clock.sleep(good_s - 0.01)
    lookups.find("cheese")
    before = shelf.asked
    clock.sleep(0.02)
    lookups.find("cheese")

    assert (before, shelf.asked) == (1, 2)


def test_a_slow_look_up_does_not_bring_back_what_has_changed(shelf: Shelf, crowd: Crowd) -> None:
    shelf.open.clear()
    (slow,) = crowd.find("cheese", 1)
    wait_until(lambda: shelf.asked == 1, 10, "it is under way")
    shelf.things["cheese"] = 2

    crowd.lookups.forget(lambda name, found: name == "cheese")
    (after,) = crowd.find("cheese", 1)
    wait_until(lambda: shelf.asked == 2, 10, "it is looked up anew")
    shelf.open.set()

    assert (slow(), after(), crowd.lookups.find("cheese")) == (2, 2, 2)


def test_only_what_matches_is_forgotten(shelf: Shelf, lookups: KeptLookups[str, int]) -> None:
    shelf.things["wine"] = 7
    lookups.find("cheese")
    lookups.find("wine")

    lookups.forget(lambda name, found: found == 7)

    assert (lookups.find("cheese"), shelf.asked) == (1, 2)
    assert (lookups.find("wine"), shelf.asked) == (7, 3)


def test_what_is_doubted_is_asked_again_but_good_while_the_database_is_away(
    shelf: Shelf, lookups: KeptLookups[str, int]
) -> None:
    lookups.find("cheese")
    shelf.away = True

    lookups.doubt_all()
    kept = lookups.find("cheese")
    shelf.away, shelf.things["cheese"] = False, 2
    lookups.doubt_all()

    assert (kept, lookups.find("cheese")) == (1, 2)


def test_what_is_not_there_may_be_in_a_moment(shelf: Shelf, lookups: KeptLookups[str, int], clock: Clock) -> None:
    missing = [lookups.find("wine") for _ in range(5)]
    shelf.things["wine"] = 3
    clock.sleep(1.1)

    assert (missing, lookups.find("wine"), shelf.asked) == ([None] * 5, 3, 2)


def test_made_up_names_push_out_nothing_that_is_there(shelf: Shelf, lookups: KeptLookups[str, int]) -> None:
    lookups.find("cheese")
    for number in range(2000):
        lookups.find(f"made up {number}")
    before = shelf.asked

    known = [lookups.find(name) for name in ("cheese", "made up 1999", f"made up {2000 - CHEESE.most_missing}")]
    lookups.find("made up 0")

    assert (known, shelf.asked) == ([1, None, None], before + 1)


def test_no_more_is_kept_than_there_is_room_for_and_what_is_used_stays(
    shelf: Shelf, lookups: KeptLookups[str, int]
) -> None:
    shelf.things |= {f"wine {number}": number for number in range(500)}
    for number in range(500):
        lookups.find("cheese")
        lookups.find(f"wine {number}")
    before = shelf.asked

    known = [lookups.find(name) for name in ("cheese", "wine 499", f"wine {500 - CHEESE.most + 1}")]
    lookups.find("wine 0")

    assert (known, before, shelf.asked) == ([1, 499, 401], 501, 502)


def test_what_was_known_stays_known_while_the_database_is_away(
    shelf: Shelf, lookups: KeptLookups[str, int], clock: Clock
) -> None:
    lookups.find("cheese")
    lookups.find("wine")
    shelf.away = True
    clock.sleep(HARD_S - 10)

    assert [lookups.find("cheese"), lookups.find("cheese"), lookups.find("wine")] == [1, 1, None]
    assert shelf.asked == 4


def test_but_not_for_ever(shelf: Shelf, lookups: KeptLookups[str, int], clock: Clock) -> None:
    lookups.find("cheese")
    shelf.away = True
    clock.sleep(HARD_S + 1)

    with pytest.raises(StoreDown):
        lookups.find("cheese")


def test_what_was_never_seen_is_not_made_up(shelf: Shelf, lookups: KeptLookups[str, int]) -> None:
    shelf.away = True

    with pytest.raises(StoreDown):
        lookups.find("cheese")


FORKED = """
import os, threading
from api.http.kept_lookups import Keeping, KeptLookups

under_way, never = threading.Event(), threading.Event()
def look_up(name):
    if os.getpid() == parent:
        under_way.set()
        never.wait()
    return 1

parent = os.getpid()
lookups = KeptLookups(look_up, lambda: 0.0, Keeping(fresh_s=10))
threading.Thread(target=lookups.find, args=("cheese",), daemon=True).start()
under_way.wait()
lookups._lock.acquire()
child = os.fork()
if child == 0:
    os._exit(0 if lookups.find("cheese") == 1 else 1)
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_child_waits_for_no_thread_and_no_lock_of_its_parent() -> None:
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", FORKED], timeout=60).returncode == 0
