"""Answers what is asked of the write model: as far as whoever asks reaches, with the version as its ETag."""

from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from api.http import security
from api.http.dependencies import dependencies
from api.store.view import View

T = TypeVar("T")


def look_up(ask: Callable[[View], T], *, about: UUID | None = None) -> T:
    """What a query comes to for whoever asks; `about` is a shop, for the platform's own people."""
    with dependencies().store.view(security.access(), about=about) as view:
        return ask(view)


def entity(body: BaseModel, version: int | str) -> Response:
    """One thing, at this version."""
    text = body.model_dump_json(by_alias=True)
    return Response(text, mimetype="application/json", headers={"ETag": etag(version)})


def as_it_is(body: BaseModel) -> Response:
    """What is made of several things, whose versions together no number tells: its ETag is of what it says."""
    text = body.model_dump_json(by_alias=True)
    return Response(text, mimetype="application/json", headers={"ETag": etag(sha256(text.encode()).hexdigest()[:32])})


def etag(version: int | str) -> str:
    return f'"{version}"'
