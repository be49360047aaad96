"""Reads Markdown into the text that people see of it: without its marks, its addresses, and HTML."""

from collections.abc import Iterator, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from sinks.search.words.written_words import plain_text

#: HTML is text to it, which `plain_text` takes out.
_READER: Final = MarkdownIt("commonmark", {"html": False}).enable("table")
_BREAKS: Final = frozenset({"softbreak", "hardbreak"})


def markdown_text(source: str) -> str:
    """Paragraphs, headings and cells one behind the other, divided by spaces."""
    return " ".join(plain_text(" ".join(map(_block, _READER.parse(source)))).split())


def _block(token: Token) -> str:
    """Of what opens or closes something, nothing; code is shown as it stands."""
    return token.content if token.children is None else "".join(_inline(token.children))


def _inline(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        yield " " if token.type in _BREAKS else token.content
