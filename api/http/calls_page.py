"""Renders the table of calls in docs/http-api.md from the API's own document, between two marks."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ops.home import project_root
from ops.marked_part import between

PAGE: Final = project_root() / "docs" / "http-api.md"
BEGIN: Final = "<!-- rendered: rustok api doc -->"
END: Final = "<!-- end of what is rendered -->"
METHODS: Final = ("get", "post", "put", "patch", "delete")
_OURS: Final = "/v1/"


def table(document: Mapping[str, Any]) -> str:
    """A row for each call: those of the shops first, by address and method."""
    rows = sorted(_calls(document["paths"]), key=lambda row: not row[0].startswith(_OURS))
    lines = [f"| `{method} {path}` | {permission} | {does} |" for path, method, permission, does in rows]
    return "\n".join(["| Call | Permission | What it does |", "|---|---|---|", *lines])


def rendered(page: str, document: Mapping[str, Any]) -> str:
    """The page with its table as it should be. Raises `ValueError` when the marks are not there."""
    return between(page, table(document), BEGIN, END)


def _calls(paths: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for path, operations in sorted(paths.items()):
        for method in METHODS:
            if method in operations:
                permission = operations[method].get("x-permission")
                shown = f"`{permission}`" if permission else "public"
                yield path, method.upper(), shown, operations[method]["summary"]
