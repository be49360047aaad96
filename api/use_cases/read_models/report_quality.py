"""Reports whether what analysts read was found sound, and shows the pages of the newest check."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.domain.errors import NotFound
from sinks.quality import quality_reports
from sinks.quality.quality_reports import QualityReport


class QualityPageAsked(BaseModel):
    """`page` is `index`, or a table of the model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Literal["sales", "searches", "event-archive"] = "sales"
    page: str = Field(default="index", max_length=100, pattern="^[a-z_]+$", description="`index`, or a table's name.")


def report_quality(analytics: Path) -> Sequence[QualityReport]:
    """Of each model that is checked."""
    return [quality_reports.report(analytics, model) for model in quality_reports.MODELS]


def show_quality_page(analytics: Path, asked: QualityPageAsked) -> str | None:
    """HTML; None before the first check. Raises `NotFound` for a page that the newest has not."""
    found = quality_reports.page(analytics, asked.model, asked.page)
    if found is None and quality_reports.page(analytics, asked.model, "index") is not None:
        raise NotFound(f"page of {asked.model}", asked.page)
    return found
