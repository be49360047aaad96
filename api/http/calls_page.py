"""Renders the table of calls in docs/http-api.md from the table of routes, between two marks."""

from collections.abc import Sequence
from typing import Final

from api.domain.permissions import Scope
from api.http.route_table import Route
from ops.home import project_root
from ops.marked_part import between

PAGE: Final = project_root() / "docs" / "http-api.md"
BEGIN: Final = "<!-- rendered: rustok api doc -->"
END: Final = "<!-- end of what is rendered -->"


def table(routes: Sequence[Route]) -> str:
    """A row for each."""
    lines = [f"| `{one.name}` | {_permission(one)} | {one.summary} | {_who(one)} |" for one in routes]
    return "\n".join(["| Call | Permission | What it does | Who may |", "|---|---|---|---|", *lines])


def rendered(page: str, routes: Sequence[Route]) -> str:
    """The page with its table as it should be. Raises `ValueError` when the marks are not there."""
    return between(page, table(routes), BEGIN, END)


def _permission(route: Route) -> str:
    return "public" if route.permission is None else f"`{route.permission}`"


def _who(route: Route) -> str:
    if route.permission is None:
        return "everybody"
    return ", ".join(
        role.value if scope is Scope.ALL else f"{role.value} ({scope.value})" for role, scope in route.scopes.items()
    )
