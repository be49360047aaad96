"""Describes, for the OpenAPI document, answers that no model describes: pages, files, texts."""

from typing import Any

Described = dict[str, str | dict[str, dict[str, Any]]]


def in_words(what: str, content_type: str) -> dict[int | str, Described]:
    return {200: {"description": what, "content": {content_type: {}}}}
