"""Decodes the event in a dead letter, as far as it can be decoded."""

from collections.abc import Callable
from typing import Any

from api.domain.dead_letters import Content
from schemas.event_codec import Decoder, NewerThanKnown, Undecodable
from schemas.event_json import to_json

SchemaText = Callable[[int], str | None]
#: The event as JSON, or why there is none.
Readable = tuple[dict[str, Any] | None, str | None]


class _Schemas:
    """A `schemas.event_codec.SchemaIds` in the transaction of the request."""

    def __init__(self, text_of: SchemaText) -> None:
        self.text_of = text_of


def readable(content: Content, text_of: SchemaText) -> Readable:
    if content.value is None:
        return None, "the record has no value"
    try:
        event: dict[str, Any] = to_json(Decoder(_Schemas(text_of)).decode(content.value))
    except (Undecodable, NewerThanKnown) as why:
        return None, str(why)
    return event, None
