"""Chooses the locale a text is shown in: `de-AT`, else `de`, else the shop's own language, else the first there is."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar


class Translated(Protocol):
    @property
    def locale(self) -> str: ...


T = TypeVar("T", bound=Translated)


def fallbacks(asked: str | None, default: str) -> tuple[str, ...]:
    """`de-AT` in a shop of `en-GB`: `de-AT`, `de`, `en-GB`, `en`."""
    return tuple(dict.fromkeys((*(() if asked is None else _shorter(asked)), *_shorter(default))))


def shown(texts: Sequence[T], chain: Sequence[str]) -> T:
    """`texts` is not empty."""
    by_locale: Mapping[str, T] = {text.locale: text for text in texts}
    return next((by_locale[locale] for locale in chain if locale in by_locale), texts[0])


def _shorter(locale: str) -> list[str]:
    """`zh-Hant-TW`, `zh-Hant`, `zh`."""
    parts = locale.split("-")
    return ["-".join(parts[:end]) for end in range(len(parts), 0, -1)]
