"""Reads the forms of our own pages: from nowhere else, and nothing in them that is too long."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar

from flask import request
from werkzeug.exceptions import Forbidden

from api.http.middleware.json_bodies import takes_file
from api.storefront import cookies

View = TypeVar("View", bound=Callable[..., Any])
FORM: Final = "application/x-www-form-urlencoded"
_LONGEST: Final = 500
_MOST_DIGITS: Final = 6


class NotOurForm(Forbidden):
    """It was not sent from a page of ours."""


def takes_form(view: View) -> View:
    """Raises `NotOurForm` before the view does anything."""

    @wraps(view)
    def checked(*args: Any, **named: Any) -> Any:
        if not cookies.is_our_form(request):
            raise NotOurForm
        return view(*args, **named)

    return takes_file(FORM)(checked)  # type: ignore[return-value]  # it is called as the view is


def text(name: str) -> str:
    return request.form.get(name, "").strip()[:_LONGEST]


def number(written: str) -> int:
    """0 where it is none."""
    return int(written) if written.isascii() and written.isdigit() and len(written) <= _MOST_DIGITS else 0
