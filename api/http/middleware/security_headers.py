"""Says in every answer what a browser may do with it: nothing. A page that may do more says so itself."""

from typing import Final

from flask import Flask, Response, request

_POLICY: Final = "Content-Security-Policy"
_NOTHING: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
#: On every answer, those from outside of the application, too.
ALWAYS: Final = (
    (_POLICY, _NOTHING),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
)
#: Only who came by TLS is told to come by TLS again.
_BY_TLS: Final = ("Strict-Transport-Security", "max-age=31536000")


def register(app: Flask) -> None:
    app.after_request(_say)


def _say(response: Response) -> Response:
    own_policy = _POLICY in response.headers
    for name, value in ALWAYS:
        if name != _POLICY or not own_policy:
            response.headers.add(name, value)
    if request.is_secure:
        response.headers.add(*_BY_TLS)
    return response
