"""Says where what checks found lies: in a folder of its own, beside the models'."""

from pathlib import Path


def quality_folder(analytics: Path) -> Path:
    return analytics / "quality"


def docs_folder(analytics: Path) -> Path:
    """Of the pages; those of a model are in a folder of its name."""
    return quality_folder(analytics) / "docs"
