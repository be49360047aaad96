"""A rebuild goes on with what was begun, and never with what readers saw before."""

from collections.abc import Sequence
from typing import Any

import pytest

from sinks.builds import Build, Led
from sinks.read_model import ReadModel
from sinks.rebuild.rebuild_model import next_build


class Builds:
    def __init__(self, known: Sequence[int], live: Build, previous: Build | None) -> None:
        self.known = [Build(9, number) for number in known]
        self.here = Led(live=live, previous=previous)

    def all(self) -> list[Build]:
        return self.known

    def led(self) -> Led:
        return self.here


@pytest.mark.parametrize(
    ("known", "live", "previous", "made"),
    [
        ([1], Build(9), None, 2),
        ([1, 2], Build(9), None, 2),
        ([1, 2], Build(9), Build(9, 2), 3),
        ([1, 2, 3], Build(9, 2), Build(9), 3),
        # Led back twice: of b3 readers were led away before b4 was made, and b4 is what they saw last.
        ([1, 2, 3, 4], Build(9, 2), Build(9, 4), 5),
        ([1, 2, 3, 4, 5], Build(9, 2), Build(9, 4), 5),
        ([1, 2], Build(9), Build(8, 7), 2),
        ([1], Build(9), Build(10), 2),
    ],
    ids=[
        "the first again",
        "begun",
        "led back",
        "begun after it went live",
        "led back twice",
        "begun after that",
        "previous is older",
        "previous is newer",
    ],
)
def test_what_is_made_is_new_to_readers(known: Sequence[int], live: Build, previous: Build | None, made: int) -> None:
    builds: Any = Builds(known, live, previous)
    model = ReadModel(name="things", version=9, projections=(), store=builds)

    assert next_build(model, builds) == Build(9, made)
