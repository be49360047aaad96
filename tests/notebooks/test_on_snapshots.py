"""The notebooks run as they are committed, on published files without a server, and their own checks hold."""

from contextlib import closing
from pathlib import Path

import pytest

from ops.home import project_root
from sinks.analytics import event_archive, sales_facts, search_facts
from sinks.archive.archive_sink import ArchiveSink
from tests.support.executed_notebooks import a_winter, executed, prices
from tests.support.sound_snapshots import published, sound_searches
from tests.support.whole import whole

NOTEBOOKS = sorted((project_root() / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def analytics(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("analytics")
    published(folder, sales_facts.MODEL, a_winter())
    published(folder, search_facts.MODEL, sound_searches())
    with closing(ArchiveSink(folder / event_archive.MODEL.id, event_archive.MODEL, goes_live=True)) as sink:
        sink.open()
        sink.write(prices(), {})
        sink.publish(whole(event_archive.MODEL))
    return folder


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_runs_to_its_end_and_draws_its_charts(analytics: Path, path: Path) -> None:
    said = executed(path, analytics, dark=path.name.startswith("02"))

    charts = [output for outputs in said.values() for output in outputs if "image/png" in output.get("data", {})]
    assert charts
    assert said["check"]
