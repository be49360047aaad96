"""Answers what the newest check of each model found, which snapshot is certified, and what its pages show.

Reads what checks have written, and loads nothing of what checks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sinks.duckdb import certified_snapshots, snapshots
from sinks.duckdb.certified_snapshots import Certified
from sinks.quality import check_history
from sinks.quality.quality_folder import docs_folder
from sinks.quality.suites import SUITES

MODELS: Final = tuple(suite.model.name for suite in SUITES)


@dataclass(frozen=True, slots=True)
class QualityReport:
    """`newest`: the document of the newest check; both are None before there is one."""

    model: str
    newest: Mapping[str, Any] | None
    certified: Certified | None


def report(analytics: Path, model: str) -> QualityReport:
    certified = certified_snapshots.newest(snapshots.live_folder(analytics, model).resolve())
    return QualityReport(model, check_history.newest(analytics, model), certified)


def page(analytics: Path, model: str, name: str) -> str | None:
    """The page of this name, as HTML; None when the newest check wrote none of it."""
    folder = docs_folder(analytics) / model
    there = {path.stem: path for path in folder.glob("*.html")}
    try:
        return there[name].read_text() if model in MODELS and name in there else None
    except FileNotFoundError:  # a newer check is replacing it
        return None
