"""Lets the platform name a shop in the address of a call by its id or its slug: views get the id.

A text that is written as an id is one; no shop has such a slug.
"""

from typing import Any, Final
from uuid import UUID

from apiflask import APIBlueprint
from flask import request

from api.domain.tenants import is_id
from api.http.entity_answers import look_up
from api.use_cases.tenants import read_tenants

NAMED: Final = "tenant_id"


def take_slugs(blueprint: APIBlueprint) -> None:
    """In each of its addresses with a `tenant_id`. Whether there is such a slug is asked once it is known who asks."""
    blueprint.url_value_preprocessor(_read_ids)
    blueprint.before_request(_find_slug)


def _read_ids(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values is not None and is_id(values.get(NAMED, "")):
        values[NAMED] = UUID(values[NAMED])


def _find_slug() -> None:
    """Raises `NotFound`."""
    parts = request.view_args or {}
    named = parts.get(NAMED)
    if isinstance(named, str):
        parts[NAMED] = look_up(lambda view: read_tenants.get_tenant(view, named)).value.id
