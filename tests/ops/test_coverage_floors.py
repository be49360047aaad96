import pytest
from click.testing import CliRunner

from ops.commands.test import steps
from ops.commands.test import test as run_tests
from ops.coverage_floors import ROOMS, RoomCoverage, by_room, floors
from ops.home import project_root


def file(run: int, lines: int) -> dict[str, dict[str, int]]:
    return {"summary": {"covered_lines": run, "num_statements": lines}}


def test_the_files_of_a_room_count_together() -> None:
    told = {"files": {"api/a.py": file(10, 10), "api/b/c.py": file(0, 30), "ops/apiary.py": file(1, 2)}}

    found = by_room(told, dict.fromkeys(ROOMS, 25.0))

    assert found[0] == RoomCoverage("api", 10, 40, 25.0)
    assert (found[0].percent, found[0].is_below) == (25.0, False)


@pytest.mark.parametrize(("run", "below"), [(24, True), (25, False), (26, False)])
def test_below_its_floor_a_room_is_red(run: int, below: bool) -> None:
    assert RoomCoverage("api", run, 100, 25.0).is_below == below


def test_every_room_has_a_floor() -> None:
    assert all(floor > 0 for floor in floors(project_root()).values())


def test_it_is_measured_in_the_unit_tests_and_compared_right_after() -> None:
    plain, covered = steps("", ()), steps("", (), covered=True)

    assert not any("coverage" in step.command for step in plain)
    assert [step.name for step in covered if "coverage" in " ".join(step.command)] == ["unit tests", "coverage"]
    unit, compared = (step for step in covered if "coverage" in " ".join(step.command))
    assert covered.index(compared) == covered.index(unit) + 1
    assert unit.is_pytest


def test_some_tests_alone_are_not_measured() -> None:
    done = CliRunner().invoke(run_tests, ["--coverage", "-k", "orders"])

    assert done.exit_code == 2
    assert "leave out -k" in done.output
