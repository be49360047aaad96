import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from prometheus_client import REGISTRY

from api.http.refreshed_value import RefreshedValue
from api.store.errors import StoreDown
from tests.api.conftest import Clock
from tests.support.waiting import wait_until


@dataclass
class Source:
    """Gives how many times it was asked; `gate` holds an answer back, `away` is when there is none."""

    away: bool = False
    asked: int = 0
    gate: threading.Event = field(default_factory=threading.Event)

    def read(self) -> int:
        self.asked += 1
        self.gate.wait(10)
        if self.away:
            raise StoreDown
        return self.asked


@pytest.fixture
def source() -> Source:
    made = Source()
    made.gate.set()
    return made


@pytest.fixture
def value(source: Source, clock: Clock) -> RefreshedValue[int]:
    return RefreshedValue("numbers", source.read, clock.now_s, every_s=10, again_s=3, longest_s=100)


def test_many_who_ask_first_ask_once(source: Source, value: RefreshedValue[int]) -> None:
    source.gate.clear()
    with ThreadPoolExecutor(20) as many:
        asking = [many.submit(value.get) for _ in range(20)]
        wait_until(lambda: source.asked == 1, 30, "one has asked")
        source.gate.set()

    assert {one.result() for one in asking} == {1}


def test_what_is_known_is_given_at_once_while_it_is_read_again(
    source: Source, value: RefreshedValue[int], clock: Clock
) -> None:
    value.get()
    source.gate.clear()
    clock.sleep(11)

    given = [value.get() for _ in range(5)]
    source.gate.set()

    assert given == [1] * 5
    wait_until(lambda: value.get() == 2, 30, "it is read again")
    assert source.asked == 2


def test_while_the_source_is_away_what_was_read_last_is_good_for_so_long(
    source: Source, value: RefreshedValue[int], clock: Clock
) -> None:
    value.get()
    source.away = True

    clock.sleep(99)
    assert value.get() == 1
    wait_until(lambda: source.asked == 2, 30, "it was asked in vain")
    clock.sleep(2)
    with pytest.raises(StoreDown):
        value.get()


def test_that_a_source_is_away_is_shown_until_it_answers(
    source: Source, value: RefreshedValue[int], clock: Clock
) -> None:
    def shown() -> float | None:
        return REGISTRY.get_sample_value("rustok_http_source_away", {"what": "numbers"})

    value.get()
    assert shown() == 0

    for source.away, expected in ((True, 1), (False, 0)):
        clock.sleep(11)
        # Whoever asks while the reading before is about to end joins that one: it is asked until it was read again.
        wait_until(lambda expected=expected: value.get() and shown() == expected, 30, "it was asked")


def test_a_source_that_comes_back_is_asked_again(source: Source, value: RefreshedValue[int], clock: Clock) -> None:
    source.away = True
    with pytest.raises(StoreDown):
        value.get()
    source.away = False

    with pytest.raises(StoreDown):
        value.get()  # not so soon
    clock.sleep(4)

    assert value.get() == 2


def test_who_misses_something_has_it_read_again_once_in_a_while(
    source: Source, value: RefreshedValue[int], clock: Clock
) -> None:
    value.get()

    clock.sleep(4)
    assert [value.newer() for _ in range(1000)] == [2] * 1000
    clock.sleep(4)
    assert value.newer() == 3
