"""Says how much of each room the unit tests run, and fails where that is below the room's floor.

The floors are in `pyproject.toml`. They are there so that nobody takes tests away without noticing; what the tests on
real servers run does not count, so none of them is near 100.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from ops.home import project_root

ROOMS: Final = ("api", "schemas", "sinks", "streams", "ops")


@dataclass(frozen=True, slots=True)
class RoomCoverage:
    """`floor` is in percent, like `percent`."""

    room: str
    run: int
    lines: int
    floor: float

    @property
    def percent(self) -> float:
        return 100 * self.run / self.lines if self.lines else 100.0

    @property
    def is_below(self) -> bool:
        return self.percent < self.floor


def by_room(told: Mapping[str, Any], floors: Mapping[str, float]) -> list[RoomCoverage]:
    """`told` is coverage's JSON report."""
    return [_of_room(room, told["files"], floors[room]) for room in ROOMS]


def floors(root: Path) -> dict[str, float]:
    """Of each room, from `pyproject.toml`."""
    given = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["rustok"]["coverage-floors"]
    return {room: float(given[room]) for room in ROOMS}


@click.command()
@click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(data: Path) -> None:
    """Print the coverage of each room from DATA, which `coverage run` wrote; exit code 1 below a floor."""
    found = by_room(_report(data), floors(project_root()))
    for one in found:
        sign = "✗" if one.is_below else "✓"
        click.echo(f"{sign} {one.room:<8} {one.percent:5.1f} % of {one.lines} lines, the floor is {one.floor:g} %")
    sys.exit(1 if any(one.is_below for one in found) else 0)


def _of_room(room: str, files: Mapping[str, Any], floor: float) -> RoomCoverage:
    own = [file["summary"] for name, file in files.items() if Path(name).parts[0] == room]
    run, lines = sum(one["covered_lines"] for one in own), sum(one["num_statements"] for one in own)
    return RoomCoverage(room, run, lines, floor)


def _report(data: Path) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [sys.executable, "-m", "coverage", "json", f"--data-file={data}", f"-o{report}", "--quiet"]
        subprocess.run(command, cwd=project_root(), check=True)
        told: Mapping[str, Any] = json.loads(report.read_text())
        return told


if __name__ == "__main__":
    main()
