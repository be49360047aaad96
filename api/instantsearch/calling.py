"""Reads how such a client calls, before the routes see it, so that they are as all others.

- The key and the name of the shop come as headers, or in the address: then browsers need not ask first if they may.
- At a shop's own host no key is needed, but clients insist on one: the name of the shop stands for none.
- The body is JSON that is called plain text, and may be packed.
"""

import io
import zlib
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl

from api.http.server.wsgi_call import Environ, Wsgi

_KEY: Final = "x-algolia-api-key"
_APPLICATION: Final = "x-algolia-application-id"
_APPLICATION_KEY: Final = "rustok.instantsearch.application"
#: A key that everybody can read may stand in an address, which is written into logs; no other may.
_FOR_EVERYBODY: Final = "rtk_pub_"
_UNREAD: Final = "rustok.instantsearch.unread"
#: What clients say of themselves.
_OF_CLIENTS: Final = "x-algolia-"
_NO_KEY: Final = "-"
_MOST_BYTES: Final = 64 * 1024
_GZIP: Final = 16 + zlib.MAX_WBITS


class Calling:
    """Around a WSGI application."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        _read(environ)
        return self._app(environ, start_response)


def application_of(environ: Environ) -> str | None:
    """What the client calls the shop; None when it says nothing."""
    found = environ.get(_APPLICATION_KEY)
    return None if found is None else str(found)


def unread_of(environ: Environ) -> str | None:
    """The name of something in the address that is no client's."""
    found = environ.get(_UNREAD)
    return None if found is None else str(found)


def _read(environ: Environ) -> None:
    told = parse_qsl(str(environ.get("QUERY_STRING", "")), keep_blank_values=True)
    address = {name.lower(): value for name, value in told}
    application = environ.get(_header(_APPLICATION)) or address.get(_APPLICATION)
    key = environ.get(_header(_KEY)) or _for_everybody(address.get(_KEY), application)
    if key and key != application and "HTTP_AUTHORIZATION" not in environ:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    if application is not None:
        environ[_APPLICATION_KEY] = application
    unread = next((name for name, _ in told if not name.lower().startswith(_OF_CLIENTS)), None)
    if unread is not None:
        environ[_UNREAD] = unread
    environ["QUERY_STRING"] = ""
    if environ["REQUEST_METHOD"] == "POST":
        environ["CONTENT_TYPE"] = "application/json"
        if str(environ.pop("HTTP_CONTENT_ENCODING", "")).lower() == "gzip":
            _unpack(environ)


def _for_everybody(key: str | None, application: str | None) -> str | None:
    """A secret does not become good by being shown to everybody."""
    return _NO_KEY if key and key != application and not key.startswith(_FOR_EVERYBODY) else key


def _header(name: str) -> str:
    return f"HTTP_{name.upper().replace('-', '_')}"


def _unpack(environ: Environ) -> None:
    """What is no gzip, or too large unpacked, is left as it is: then it is no JSON."""
    packed = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    try:
        unpacking = zlib.decompressobj(_GZIP)
        body = unpacking.decompress(packed, _MOST_BYTES + 1)
    except zlib.error:
        body = packed
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
