"""Shows Markdown as HTML that may stand in a page: without HTML of its own, styles, or links that run anything."""

from typing import Final

from markdown_it import MarkdownIt
from markupsafe import Markup

_READER: Final = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_LOWEST: Final = 6


def markdown_html(source: str) -> Markup:
    """Its headings are below that of the page. Raw HTML is shown as text; what is no safe address is no link."""
    tokens = _READER.parse(source)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + 1, _LOWEST)}"
        token.attrs.pop("style", None)  # how columns of a table are aligned: no page has a style in it
    return Markup(_READER.renderer.render(tokens, _READER.options, {}))  # noqa: S704  # everything in it is escaped
