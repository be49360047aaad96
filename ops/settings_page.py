"""Renders the table of the settings page from `Settings`, between two marks."""

import re
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from ops.feeds import all_feeds
from ops.home import project_root
from ops.marked_part import between
from ops.settings import PREFIX, FeedSettings, Settings

PAGE: Final = project_root() / "docs" / "settings.md"
BEGIN: Final = "<!-- rendered: rustok dev render -->"
END: Final = "<!-- end of what is rendered -->"
#: Of a local database, also one that follows from another one that is not made yet.
_PASSWORD: Final = re.compile(r"(//rustok\w*):[^@/]*@")
HOME: Final = Path("<home>")


def table() -> str:
    """A row for each setting, in the order of the code."""
    rows = [f"| `{PREFIX}{name.upper()}` | {default} | {meaning} |" for name, default, meaning in _rows()]
    return "\n".join(["| Setting | Default | Meaning |", "|---|---|---|", *rows])


def rendered(page: str) -> str:
    """The page with its table as it should be. Raises `ValueError` when the marks are not there."""
    return between(page, table(), BEGIN, END)


def _rows() -> list[tuple[str, str, str]]:
    read: dict[str, Any] = {"home": HOME}
    rows = []
    for name, field in Settings.model_fields.items():
        if name not in read:
            read[name] = field.get_default(call_default_factory=True, validated_data=read)
        if name == "feed":
            rows += _rows_of_feeds()
        else:
            rows.append((name, _shown(read[name], is_made=field.default_factory is not None), _meaning(field)))
    return rows


def _rows_of_feeds() -> list[tuple[str, str, str]]:
    return [
        (feed.setting(name), _shown(getattr(feed, name), is_made=False), _meaning(field).format(name=feed.name))
        for feed in all_feeds()
        for name, field in FeedSettings.model_fields.items()
    ]


def _shown(default: Any, *, is_made: bool) -> str:
    if default == HOME:
        return "`.rustok` in the project"
    if isinstance(default, SecretStr):
        return "made at the first start" if is_made else "—"
    text = _PASSWORD.sub(r"\1:<made at the first start>@", str(default))
    return f"`{text}`" if text else "—"


def _meaning(field: FieldInfo) -> str:
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    one_of = f" One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else ""
    return f"{field.description}{one_of}"
