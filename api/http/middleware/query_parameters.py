"""Refuses what a route does not read: a query parameter nobody knows, and a NUL, which no name has.

The registry does without: its clients send what other registries know, and none of them minds.
"""

from typing import Any

from flask import Flask, current_app, request

from api.domain.errors import FieldError, Invalid, NotFound


def register(app: Flask) -> None:
    """After it is known who is asking."""
    app.before_request(_refuse)


def declares_query(view: Any) -> bool:
    """Whether a model reads its parameters, which refuses those it does not know."""
    return any(location == "query" for _, location, *_ in getattr(view, "_spec", {}).get("args", ()))


def _refuse() -> None:
    if request.url_rule is None:
        return
    if "\0" in request.path:
        raise NotFound("address", "with a NUL in it")
    if request.args and not declares_query(current_app.view_functions[request.url_rule.endpoint]):
        raise Invalid(
            "This address takes no parameters.",
            [FieldError(name, "extra_forbidden", "There is no such parameter here.") for name in request.args],
        )
