"""Builds of a read model are told as they are: only what readers are led to is called fresh."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ops.settings import Settings
from sinks.builds import Build, BuildSize, Led
from sinks.freshness import BUILDING, Freshness
from sinks.read_model import ReadModel
from sinks.rebuild import told_builds
from sinks.sink import Unavailable

MOMENT = datetime(2026, 11, 30, 18, 55, tzinfo=UTC)
WHOLE, BEING_MADE = Freshness({"nothing/0": MOMENT}), Freshness(withheld=BUILDING)


class Builds:
    """What was made; v9-b4 is being made, and of v9-b5 nobody can say anything."""

    is_shared = False
    shape = None

    def builds(self, settings: Settings, model: ReadModel) -> Any:
        return self

    def all(self) -> list[Build]:
        return [Build(9, number) for number in range(1, 6)]

    def led(self) -> Led:
        return Led(live=Build(9, 3), previous=Build(9, 2))

    def freshness(self, build: Build) -> Freshness:
        if build.number == 5:
            raise Unavailable("it is made just now")
        return BEING_MADE if build.number == 4 else WHOLE

    def size(self, build: Build) -> BuildSize:
        return BuildSize(documents=1, bytes=100)

    def close(self) -> None: ...


@pytest.fixture
def told(tmp_path: Path) -> dict[str, tuple[str, str]]:
    store: Any = Builds()
    model = ReadModel(name="things", version=9, projections=(), store=store)
    found = told_builds.tell(Settings(home=tmp_path), model)
    return {str(one.build): (one.role, one.state) for one in found.builds}


def test_what_nobody_feeds_is_whole_until_a_moment_and_never_fresh(told: dict[str, tuple[str, str]]) -> None:
    assert told["v9-b3"] == ("live", "fresh")
    assert (told["v9"], told["v9-b2"]) == (("beside", "whole"), ("previous", "whole"))


def test_what_is_being_made_says_so(told: dict[str, tuple[str, str]]) -> None:
    assert (told["v9-b4"], told["v9-b5"]) == (("beside", "building"), ("beside", "unavailable"))
