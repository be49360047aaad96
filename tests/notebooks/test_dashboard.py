"""The living page runs from top to bottom on published files, and where there is nothing it says what to do."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ops.home import project_root
from sinks.analytics import sales_facts
from tests.support.executed_notebooks import a_winter
from tests.support.sound_snapshots import published

PAGE = project_root() / "notebooks/dashboard.py"


def run(analytics: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, dict[str, Any]]:
    """What it shows, as text, and what its cells have made."""
    monkeypatch.setenv("RUSTOK_ANALYTICS_DIR", str(analytics))
    spec = importlib.util.spec_from_file_location("dashboard", PAGE)
    assert spec is not None
    assert spec.loader is not None
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    outputs, made = page.app.run()
    return "".join(one.text if hasattr(one, "text") else str(one) for one in outputs if one is not None), dict(made)


def test_it_shows_the_last_weeks_beside_those_before_and_that_they_add_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = published(tmp_path, sales_facts.MODEL, a_winter())

    shown, made = run(tmp_path, monkeypatch)

    assert snapshot.path.name in shown
    assert made["periods"].keys() == {True, False}
    net, undone, orders = made["periods"][False]
    assert orders > 0 > undone
    assert net == sum(net for (net,) in made["ledger"].filter("NOT is_now").project("net_minor").fetchall())
    assert "to the cent" in shown


def test_before_anything_is_published_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, _ = run(tmp_path, monkeypatch)

    assert "no snapshot is published yet" in shown


def test_its_cells_depend_on_each_other_in_one_way_only() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "marimo", "check", "--strict", PAGE], capture_output=True, text=True, check=False
    )

    assert (said.returncode, said.stdout + said.stderr) == (0, "")
