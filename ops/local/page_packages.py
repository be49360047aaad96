"""Fetches what the storefront's page of InstantSearch loads: the npm packages as their makers give them."""

from pathlib import Path
from typing import Final

from ops.local.node_packages import installed, place_of

_PACKAGES: Final = Path(__file__).parent / "instantsearch_page" / "node"


def page_packages(software: Path) -> Path:
    """The folder with them; it is there once they were fetched."""
    return place_of(software, _PACKAGES) / "node_modules"


def fetch_page_packages(software: Path) -> None:
    """Once for each lock file. Raises `Failure`."""
    installed(software, _PACKAGES)
