"""Reads bodies: JSON by orjson, at most 8 MB of it, and nothing else where a body is expected."""

from typing import Any, Final, NoReturn

import orjson
from flask import Flask, Request, request
from flask.json.provider import JSONProvider
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import UnsupportedMediaType

from api.domain.errors import Malformed

MOST_BYTES: Final = 8 * 1024 * 1024
_WITH_BODY: Final = frozenset({"POST", "PATCH", "PUT"})


class Json(JSONProvider):
    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)


class _Arguments(ImmutableMultiDict[str, str]):
    """A parameter that is there several times is a list, so that none of it is dropped unseen."""

    def to_dict(self, flat: bool = True) -> dict[str, Any]:
        return {name: values[0] if flat and len(values) == 1 else values for name, values in self.lists()}


class ApiRequest(Request):
    parameter_storage_class = _Arguments

    def on_json_loading_failed(self, e: ValueError | None) -> NoReturn:
        raise Malformed(f"The body is not JSON: {e}.")


def register(app: Flask) -> None:
    app.request_class = ApiRequest
    app.json = Json(app)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.before_request(_only_json)


def _only_json() -> None:
    brings_one = request.content_length or request.environ.get("HTTP_TRANSFER_ENCODING")
    if request.method in _WITH_BODY and brings_one and request.mimetype != "application/json":
        raise UnsupportedMediaType("Send application/json.")
