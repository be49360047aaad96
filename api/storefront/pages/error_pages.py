"""Says in words, as a page of the shop, why there is no answer."""

from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from api.http import problems
from api.http.dependencies import dependencies
from api.http.middleware import request_ids
from api.store.errors import StoreDown
from api.storefront.forms import NotOurForm
from api.storefront.own_api import Refused
from api.storefront.visit import Visit, answered
from api.storefront.words import Words

#: By status, the word that says it; all others are `error_500` from 500 on, `error_400` below.
_WORDS: Final = {403: "error_403", 404: "error_404", 429: "error_429", 503: "error_503", 504: "error_503"}


def register(app: Flask) -> None:
    app.register_error_handler(Exception, answer)


def answer(error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.code is not None and error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response(request.environ)  # type: ignore[return-value]  # where the address lacks a slash
    status, again = _status_of(error)
    name = (
        "error_403_form"
        if isinstance(error, NotOurForm)
        else _WORDS.get(status, f"error_{'5' if status > 499 else '4'}00")
    )
    visit = _visit()
    words = visit.words if visit is not None else Words(request.accept_languages.best_match(["en", "de"]) or "en")
    shown: dict[str, Any] = {
        "told": getattr(words, name),
        "status": status,
        "again": again,
        "trace_id": request_ids.current().trace_id,
        "languages": [],
    }
    body = render_template("error.html", visit=visit, words=words, **shown)
    return answered(body, status, {} if again is None else {"Retry-After": again})


def _status_of(error: Exception) -> tuple[int, str | None]:
    """And after how many seconds it is worth asking again."""
    if isinstance(error, Refused):
        return (
            HTTPStatus.BAD_REQUEST if error.status == HTTPStatus.UNPROCESSABLE_ENTITY else error.status
        ), error.retry_after
    if isinstance(error, HTTPException):
        return error.code or 500, None
    told = problems.answer(error)
    return told.status_code, told.headers.get("Retry-After")


def _visit() -> Visit | None:
    """The shop and the language of the address, as far as they are any; None where nobody knows."""
    try:
        shop = dependencies().tenants.by_host(request.host)
    except StoreDown:
        return None
    if shop is None:
        return None
    locale = (request.view_args or {}).get("locale") or request.path.strip("/").partition("/")[2].partition("/")[0]
    return Visit(shop=shop, locale=locale if locale in shop.locales else shop.default_locale, request=request)
