"""The notebooks run as they are committed, on published files without a server, and their own checks hold."""

from pathlib import Path

import pytest

from ops.home import project_root
from tests.support.executed_notebooks import executed, publish_a_winter

NOTEBOOKS = sorted((project_root() / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def analytics(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("analytics")
    publish_a_winter(folder)
    return folder


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_runs_to_its_end_and_draws_its_charts(analytics: Path, path: Path) -> None:
    said = executed(path, analytics, dark=path.name.startswith("02"))

    charts = [output for outputs in said.values() for output in outputs if "image/png" in output.get("data", {})]
    assert charts
    assert said["check"]
