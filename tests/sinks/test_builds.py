"""Builds have names, and readers are led to the right one, never back in time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from sinks.builds import Build, BuildSize, Led, abandoned, following, may_lead
from sinks.freshness import BUILDING, Freshness

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
FIRST, SECOND, NEWER = Build(6), Build(6, 2), Build(7)


@dataclass
class Told:
    """Builds of which is known how fresh they are."""

    known: dict[Build, Freshness] = field(default_factory=dict)
    said: Led = field(default_factory=Led)

    def all(self) -> list[Build]:
        return sorted(self.known)

    def led(self) -> Led:
        return self.said

    def freshness(self, build: Build) -> Freshness:
        return self.known[build]

    def size(self, build: Build) -> BuildSize:
        return BuildSize(documents=0, bytes=0)

    def made_at(self, build: Build) -> datetime:
        return NOON - timedelta(hours=build.number)

    def hand_over(self, build: Build) -> None: ...
    def lead(self, build: Build) -> None: ...
    def drop(self, build: Build) -> None: ...
    def close(self) -> None: ...


def as_of(moment: datetime) -> Freshness:
    return Freshness({"t/0": moment}, frozenset({"t/0"}))


@pytest.mark.parametrize(("name", "build"), [("v6", FIRST), ("v6-b2", SECOND), ("v12-b10", Build(12, 10))])
def test_a_build_is_what_its_name_says(name: str, build: Build) -> None:
    assert (str(build), Build.named(name)) == (name, build)
    assert Build.at_the_end_of(f"rustok-product-search-products-{name}") == build


@pytest.mark.parametrize("name", ["", "6", "v0", "v6-b0", "v6-2", "v6-b2-v", "v06", "v6.arriving"])
def test_no_build_has_another_name(name: str) -> None:
    assert Build.named(name) is None


def test_a_feed_feeds_what_is_next_then_live_then_previous_of_its_version() -> None:
    assert Led(live=FIRST, next=SECOND).fed(6) == SECOND
    assert Led(live=SECOND, previous=FIRST).fed(6) == SECOND
    assert Led(live=NEWER, previous=SECOND).fed(6) == SECOND
    assert Led(live=FIRST).fed(7) == NEWER
    assert Led().fed(7) == NEWER


def test_the_following_build_is_one_that_is_not_there() -> None:
    assert following(Told({FIRST: as_of(NOON), Build(6, 4): as_of(NOON), NEWER: as_of(NOON)}), 6) == Build(6, 5)
    assert following(Told(), 8) == Build(8)


@pytest.mark.parametrize(
    ("led", "build", "told", "may"),
    [
        (Led(live=FIRST, next=SECOND), SECOND, as_of(NOON), True),
        (Led(live=FIRST, next=SECOND), SECOND, as_of(NOON - timedelta(seconds=1)), False),
        (Led(live=FIRST, next=SECOND), SECOND, as_of(NOON).withholding(BUILDING), False),
        (Led(live=FIRST), SECOND, as_of(NOON), False),
        (Led(live=FIRST), NEWER, as_of(NOON), True),
        (Led(live=FIRST), NEWER, as_of(NOON - timedelta(seconds=1)), False),
        (Led(live=NEWER), FIRST, as_of(NOON), False),
        (Led(live=NEWER, next=FIRST), FIRST, as_of(NOON), True),
        (Led(), FIRST, as_of(NOON), False),
    ],
)
def test_readers_are_led_to_what_is_awaited_and_no_older_than_what_they_saw(
    led: Led, build: Build, told: Freshness, may: bool
) -> None:
    builds = Told({FIRST: as_of(NOON), SECOND: as_of(NOON), NEWER: as_of(NOON)})

    assert may_lead(builds, led, build, told) == may


def test_what_readers_left_is_abandoned_when_nobody_has_fed_it_for_long() -> None:
    told = Told({FIRST: as_of(NOON - timedelta(hours=25)), SECOND: as_of(NOON), NEWER: as_of(NOON)})
    told.said = Led(live=SECOND, previous=FIRST)

    assert abandoned(told, NOON - timedelta(hours=24)) == [FIRST]
    assert abandoned(told, NOON - timedelta(hours=26)) == []


def test_what_readers_see_or_soon_see_is_never_abandoned_however_old_it_is() -> None:
    told = Told({FIRST: as_of(NOON), SECOND: as_of(NOON)}, Led(live=FIRST, next=SECOND))

    assert abandoned(told, NOON + timedelta(days=365)) == []


def test_what_was_never_whole_is_as_old_as_its_beginning() -> None:
    told = Told({FIRST: as_of(NOON), Build(6, 30): Freshness(withheld=BUILDING)}, Led(live=FIRST))

    assert abandoned(told, NOON - timedelta(hours=24)) == [Build(6, 30)]
    assert abandoned(told, NOON - timedelta(hours=31)) == []


def test_what_a_newer_feed_builds_has_all_the_time_it_takes() -> None:
    told = Told({FIRST: as_of(NOON), Build(7, 30): Freshness(withheld=BUILDING)}, Led(live=FIRST))

    assert abandoned(told, NOON) == []


def test_while_readers_are_led_nowhere_nothing_is_abandoned() -> None:
    told = Told({FIRST: as_of(NOON - timedelta(days=9))}, Led(previous=FIRST))

    assert abandoned(told, NOON) == []
