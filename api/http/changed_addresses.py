"""Leads from an address that something had to the one it has now."""

from http import HTTPStatus
from typing import Final

from flask import Response, request

from api.http.answer_words import Described

#: For the OpenAPI document.
ELSEWHERE: Final[dict[int | str, Described]] = {301: {"description": "It has another address now: `Location`"}}


def elsewhere(address: str) -> Response:
    """`301`, asked again each time: what was moved may be moved back, and somebody else may take an old name."""
    headers = {"Location": address, "Cache-Control": "private, no-cache"}
    return Response(status=HTTPStatus.MOVED_PERMANENTLY, headers=headers)


def as_asked(address: str) -> str:
    """With the question of this request behind it."""
    asked = request.query_string.decode("ascii", "replace")
    return f"{address}?{asked}" if asked else address
