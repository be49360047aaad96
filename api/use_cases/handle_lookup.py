"""Finds a thing by its handle in any locale, or the handle it has now if it was called so before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from api.domain.changes import Versioned
from api.domain.errors import NotFound
from api.domain.shown_locale import Translated, shown

T = TypeVar("T", bound="_Addressed")


class _Text(Translated, Protocol):
    @property
    def handle(self) -> str: ...


class _Addressed(Protocol):
    @property
    def translations(self) -> Sequence[_Text]: ...


class AddressedRows(Protocol[T]):
    """The tables of what has handles, and keeps those that it had."""

    def by_handle(self, handle: str, locales: Sequence[str]) -> "Versioned[T] | None": ...

    def by_old_handle(self, handle: str, locales: Sequence[str]) -> "Versioned[T] | None": ...


@dataclass(frozen=True, slots=True)
class Moved:
    """Under this handle it is found now."""

    handle: str


def at_handle(rows: AddressedRows[T], kind: str, handle: str, locales: Sequence[str]) -> Versioned[T] | Moved:
    """Raises `NotFound`. A handle means what it does in the first of these locales, before what it does in any other:
    a search shows what has no text in them, too, and by that handle.
    """
    if held := rows.by_handle(handle, locales):
        return held
    if held := rows.by_old_handle(handle, locales):
        return Moved(shown(held.value.translations, locales).handle)
    raise NotFound(kind, "with this handle")
