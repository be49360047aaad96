"""Renders the tables of the page about growth from what is declared, between two marks."""

from typing import Final

from ops.growth.declared_growth import Bound, Growth, Kind, all_growth
from ops.home import project_root
from ops.marked_part import between
from ops.settings import PREFIX

PAGE: Final = project_root() / "docs" / "growth.md"
BEGIN: Final = "<!-- rendered: rustok dev render -->"
END: Final = "<!-- end of what is rendered -->"
_HEADINGS: Final[dict[Kind, str]] = {
    "table": "PostgreSQL: tables",
    "topic": "Kafka: topics",
    "index": "OpenSearch: indices",
    "file": "Files, below `<home>/stacks/<stack>`",
}
#: What grows most comes first.
_ORDER: Final[tuple[Bound, ...]] = ("forever", "time", "size", "state", "fixed")


def tables() -> str:
    """A table for each kind of thing; what stays for ever first."""
    return "\n\n".join(_table(kind) for kind in _HEADINGS)


def rendered(page: str) -> str:
    """The page with its tables as they should be. Raises `ValueError` when the marks are not there."""
    return between(page, tables(), BEGIN, END)


def _table(kind: Kind) -> str:
    rows = sorted((one for one in all_growth() if one.kind == kind), key=lambda one: _ORDER.index(one.bound))
    head = f"### {_HEADINGS[kind]}\n\n| What | Grows by | Bound | Stays | Pruned by |\n|---|---|---|---|---|"
    return "\n".join([head, *map(_row, rows)])


def _row(one: Growth) -> str:
    names = ", ".join(f"`{name}`" for name in one.names)
    settings = ", ".join(f"`{PREFIX}{setting.upper()}`" for setting in one.settings)
    pruned_by = "nobody" if one.pruned_by is None else str(one.pruned_by)
    return (
        f"| {names} | {one.grows_by} | {one.bound} | {one.keeps} | {pruned_by}{f', {settings}' if settings else ''} |"
    )
