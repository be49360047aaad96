"""Answers what is asked of the write model: as far as whoever asks reaches, with the version as its ETag."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

from api.http import security
from api.http.dependencies import dependencies
from api.store.view import View

T = TypeVar("T")
Entity = tuple[T, int, dict[str, str]]


def look_up(ask: Callable[[View], T], *, about: UUID | None = None) -> T:
    """What a query comes to for whoever asks; `about` is a shop, for the platform's own people."""
    with dependencies().store.view(security.access(), about=about) as view:
        return ask(view)


def entity(body: T, version: int) -> Entity[T]:
    """One thing, at this version."""
    return body, HTTPStatus.OK, {"ETag": etag(version)}


def etag(version: int) -> str:
    return f'"{version}"'
