"""Reads what a client sent, once it is clear that it means this shop."""

from typing import Any

from flask import request

from api.http.security import access
from api.instantsearch.calling import application_of
from api.instantsearch.refusals import wrong_application


def sent_body() -> Any:
    """What was sent; no body at all is none. Raises `Malformed`, and `NotAsked` for another shop's name."""
    named = application_of(request.environ)
    if named is not None and named != access().shop.slug:
        raise wrong_application()
    return request.get_json() if request.get_data() else None
