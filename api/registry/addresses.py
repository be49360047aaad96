"""Reads the addresses of the registry before its routes see them, so that a subject may have any name.

- A subject is one step of the path, also when it has a `/` in it, which comes as `%2F`.
- `/contexts/.shop/subjects` is `/subjects` in the context `.shop`.
- Bodies come with the registry's own content types, which are JSON.
"""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import unquote

from werkzeug.routing import BaseConverter

from api.http.server.wsgi_call import Environ, Wsgi
from api.registry.subject_names import DEFAULT

_CONTEXT_KEY: Final = "rustok.registry.context"
_CONTEXTS: Final = "/contexts/"
_JSON: Final = (
    "application/vnd.schemaregistry.v1+json",
    "application/vnd.schemaregistry+json",
    "application/octet-stream",
)
#: Stands for a slash inside of a name; no text has this character, it is for private use.
_SLASH: Final = "\uf8ff"


class NameConverter(BaseConverter):
    """`<name:subject>` in a route."""

    def to_python(self, value: str) -> str:
        return value.replace(_SLASH, "/")


class Addressing:
    """Around a WSGI application."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        _read(environ)
        return self._app(environ, start_response)


def context_of(environ: Environ) -> str:
    """The context that names without one are meant to be in."""
    return str(environ.get(_CONTEXT_KEY, DEFAULT))


def _read(environ: Environ) -> None:
    raw = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "").split("?", 1)[0]
    raw = raw.removeprefix(str(environ.get("SCRIPT_NAME", "")))
    if raw.startswith("/") and "%2f" in raw.lower():
        steps = [unquote(step).replace("/", _SLASH) for step in raw.split("/")]
        environ["PATH_INFO"] = "/".join(steps).encode().decode("latin-1")
    context, _, rest = environ["PATH_INFO"].removeprefix(_CONTEXTS).partition("/")
    if environ["PATH_INFO"].startswith(_CONTEXTS) and rest:
        environ[_CONTEXT_KEY] = context.strip(":") or DEFAULT
        environ["PATH_INFO"] = f"/{rest}"
    content_type = str(environ.get("CONTENT_TYPE", ""))
    if content_type.partition(";")[0].strip().lower() in _JSON:
        environ["CONTENT_TYPE"] = "application/json"
