"""Reads bodies: JSON by orjson, as much and as deep as a request may bring, and files where a view takes one."""

from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeVar

import orjson
from flask import Flask, Request, current_app, request
from flask.json.provider import JSONProvider
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from api.domain.errors import Malformed
from api.http.server.route_classes import class_of

#: Nothing that is asked here is nested deeper than a few levels.
DEEPEST: Final = 64
_WITH_BODY: Final = frozenset({"POST", "PATCH", "PUT"})
_JSON: Final = "application/json"
_TAKEN: Final = "rustok_body"
View = TypeVar("View", bound=Callable[..., Any])


class Json(JSONProvider):
    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        read = orjson.loads(s)
        if _is_deep(read):
            raise ValueError(f"it is nested deeper than {DEEPEST} levels")  # what a reader of JSON raises
        return read


class _Arguments(ImmutableMultiDict[str, str]):
    """A parameter that is there several times is a list, so that none of it is dropped unseen."""

    def to_dict(self, flat: bool = True) -> dict[str, Any]:
        return {name: values[0] if flat and len(values) == 1 else values for name, values in self.lists()}


class ApiRequest(Request):
    parameter_storage_class = _Arguments

    def on_json_loading_failed(self, e: ValueError | None) -> NoReturn:
        raise Malformed(f"The body is not JSON: {e}.")


def takes_file(mimetype: str) -> Callable[[View], View]:
    """The view reads the body itself, as it comes, and takes no JSON."""

    def declare(view: View) -> View:
        setattr(view, _TAKEN, mimetype)
        return view

    return declare


def taken_by(view: Callable[..., Any] | None) -> str:
    """The media type of the bodies of a view."""
    taken: str = getattr(view, _TAKEN, _JSON)
    return taken


def register(app: Flask) -> None:
    app.request_class = ApiRequest
    app.json = Json(app)
    app.before_request(_only_what_is_taken)


def _only_what_is_taken() -> None:
    request.max_content_length = class_of(request.method, request.path).most_bytes
    if (request.content_length or 0) > request.max_content_length:
        raise RequestEntityTooLarge
    brings_one = request.content_length or request.environ.get("HTTP_TRANSFER_ENCODING")
    taken = taken_by(current_app.view_functions.get(request.endpoint or ""))
    if request.method in _WITH_BODY and brings_one and request.mimetype != taken:
        raise UnsupportedMediaType(f"Send {taken}.")


def _is_deep(read: Any) -> bool:
    """Level by level, so that no nesting costs us our own stack."""
    level: list[Any] = [read]
    for _ in range(DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, (dict, list))
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True
