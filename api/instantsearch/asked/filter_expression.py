"""Reads `filters`: `brand:Verde AND (price < 10 OR NOT in_stock:true)`. OR binds closer than AND.

    all    := any (AND any)*
    any    := one (OR one)*
    one    := NOT one | "(" all ")" | test
    test   := name ":" value | name ":" number TO number | name operator number | value

A value alone is a tag; the name of an attribute alone, AND and OR are none, unless they are quoted. What has spaces or
signs in it is quoted, by `"` or `'`, and a backslash in front of a sign takes its meaning away.
"""

import re
from collections.abc import Callable
from typing import Final

from api.instantsearch.asked.attribute_names import PLAIN, attribute_named, is_attribute
from api.instantsearch.asked.list_filters import spanned, valued
from api.instantsearch.asked.numbers import NUMBER, compared
from api.instantsearch.refusals import NotAsked
from sinks.search.product_choices import AllOf, Choice, Not, all_of, any_of

_DEEPEST: Final = 20
_WORDS: Final = frozenset({"AND", "OR"})
_SPACE: Final = re.compile(r"\s*")
_QUOTED: Final = re.compile(r'"((?:\\.|[^"\\])*)"|\'((?:\\.|[^\'\\])*)\'', re.DOTALL)
_NAME: Final = re.compile(r"(?:\\.|[^\s()<>=!:\"'\\])+", re.DOTALL)
_VALUE: Final = re.compile(r"(?![\"'])(?:\\.|[^\s()<\\]|<(?!score=))+", re.DOTALL)
_OPERATOR: Final = re.compile(r"<=|>=|!=|=|<|>")
_SPAN: Final = re.compile(rf"({NUMBER})\s+TO\s+({NUMBER})(?=[\s)]|$)", re.ASCII)
_NUMBER: Final = re.compile(rf"{NUMBER}(?=[\s)]|$)", re.ASCII)
_SCORE: Final = re.compile(r"<score=\d{1,9}>")
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


def filter_expression(text: str, currency: str) -> list[Choice]:
    """What holds together; nothing for a text of spaces. Raises `NotAsked`, which says where it stops making sense."""
    return _Reader(text, currency).read() if text.strip() else []


class _Reader:
    def __init__(self, text: str, currency: str) -> None:
        self._text = text
        self._currency = currency
        self._at = 0
        self._depth = 0

    def read(self) -> list[Choice]:
        found = self._all()
        if self._at < len(self._text):
            raise self._wrong("AND, OR or the end")
        return list(found)

    def _all(self) -> tuple[Choice, ...]:
        return all_of(self._several("AND", self._any))

    def _any(self) -> Choice:
        found = self._several("OR", self._one)
        return found[0] if len(found) == 1 else any_of(found)

    def _several(self, word: str, read: Callable[[], Choice]) -> list[Choice]:
        found = [read()]
        while self._word(word):
            found.append(read())
        return found

    def _one(self) -> Choice:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotAsked(f"filters: it is nested deeper than {_DEEPEST} levels")
        try:
            if self._word("NOT"):
                return Not(self._one())
            if self._take(re.compile(r"\(")):
                inside = self._all()
                if not self._take(re.compile(r"\)")):
                    raise self._wrong("a closing parenthesis")
                return inside[0] if len(inside) == 1 else AllOf(inside)
            return self._test()
        finally:
            self._depth -= 1

    def _test(self) -> Choice:
        start = self._at
        name = self._quoted_or(_NAME)
        if name is None:
            raise self._wrong("an attribute")
        written = self._text[start : self._at].strip()
        if self._take(re.compile(":")):
            return self._valued(name)
        if operator := self._take(_OPERATOR):
            number = self._take(_NUMBER)
            if number is None:
                raise self._wrong("a number")
            return compared(attribute_named(name), operator[0], number[0], self._currency)
        self._take(_SCORE)
        if written in _WORDS:
            self._at = start
            raise self._wrong("an attribute")
        if is_attribute(written):
            raise NotAsked(f"filters: {name} has no value; a tag of this name is written tags:{name}")
        return valued(PLAIN["tags"], name, self._currency)

    def _valued(self, name: str) -> Choice:
        attribute = attribute_named(name)
        if span := self._take(_SPAN):
            return spanned(attribute, span[1], span[2], self._currency)
        value = self._quoted_or(_VALUE)
        if value is None:
            raise self._wrong("a value")
        self._take(_SCORE)
        return valued(attribute, value, self._currency)

    def _quoted_or(self, plain: re.Pattern[str]) -> str | None:
        if quoted := self._take(_QUOTED):
            return _ESCAPED.sub(r"\1", quoted[1] if quoted[1] is not None else quoted[2])
        found = self._take(plain)
        return None if found is None else _ESCAPED.sub(r"\1", found[0])

    def _word(self, word: str) -> bool:
        return self._take(re.compile(rf"{word}(?=[\s(\"']|$)")) is not None

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        spaces = _SPACE.match(self._text, self._at)
        start = spaces.end() if spaces else self._at
        found = pattern.match(self._text, start)
        self._at = found.end() if found else start
        return found

    def _wrong(self, due: str) -> NotAsked:
        return NotAsked(
            f"filters: {due} was due at character {self._at + 1}, where there is {self._text[self._at :][:30]!r}"
        )
