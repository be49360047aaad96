"""Answers an export: all that matches, page by page, a JSON document a line."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from flask import Response, stream_with_context
from pydantic import BaseModel

from api.http.entity_answers import look_up
from api.store.view import View

LINES: Final = "application/x-ndjson"
#: A page of things and where the next one begins; None after the last.
ExportPage = tuple[Sequence[BaseModel], str | None]


def exported(page: Callable[[str | None, View], ExportPage]) -> Response:
    """Each page is a transaction. What fails before the first line is a problem; later, the answer breaks off."""
    first = look_up(partial(page, None))

    def lines() -> Iterator[str]:
        found, cursor = first
        while True:
            for one in found:
                yield f"{one.model_dump_json(exclude_unset=True)}\n"
            if cursor is None:
                return
            found, cursor = look_up(partial(page, cursor))

    return Response(stream_with_context(lines()), content_type=LINES)
