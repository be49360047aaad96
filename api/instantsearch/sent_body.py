"""Reads what a client sent, once it is clear that it means this shop."""

from typing import Any

from flask import request

from api.http.security import access
from api.instantsearch.calling import application_of, unread_of
from api.instantsearch.refusals import NotAsked, wrong_application


def sent_body() -> Any:
    """What was sent; no body at all is none. Raises `Malformed`, and `NotAsked` for another shop's
    name, or a parameter that is in the address.
    """
    named = application_of(request.environ)
    if named is not None and named != access().shop.slug:
        raise wrong_application()
    if (unread := unread_of(request.environ)) is not None:
        raise NotAsked(f"Unknown parameter in the address: {unread[:100]}; what is asked is in the body")
    return request.get_json() if request.get_data() else None
