"""Finds the schema behind an id in a Confluent-compatible registry, over HTTP, once per id.

That there is no such schema is believed in a registry's own words only (error code 40403). Whatever else comes from the
address, be it a proxy's 404, a page of HTML or a schema that is none, is a fault on the way: it is waited out.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from ops.service_token import service_token
from ops.settings import Settings
from sinks.sink import Unavailable

#: Nobody hands out a new token within a second.
REFUSED_RETRY_S: Final = 5.0
#: "Schema not found", as Confluent's registry says it.
_NO_SUCH_ID: Final = 40403


#: In the place of a schema in another language: no event of ours is written with one.
_NOT_AVRO: Final = '"bytes"'


class RegistryAway(Unavailable):
    """The registry does not answer, or not as a registry does."""

    on = "registry"


class RegistryClient:
    """A `schemas.event_codec.SchemaIds`. A registry that is away or refuses us is waited for, never guessed around."""

    def __init__(self, url: str, authorization: Callable[[], str] = lambda: "") -> None:
        self._client = httpx.Client(base_url=url, timeout=5.0)
        self._authorization = authorization

    @classmethod
    def of(cls, settings: Settings, process: str) -> "RegistryClient":
        """The API, or the registry that is set, with what that one takes for an authorization."""
        return cls(settings.registry_url or settings.api_url, lambda: authorization(settings, process))

    def text_of(self, schema_id: int) -> str | None:
        sent = self._authorization()
        try:
            answer = self._client.get(f"/schemas/ids/{schema_id}", headers={"Authorization": sent} if sent else {})
        except httpx.HTTPError as down:
            raise RegistryAway(f"the schema registry does not answer: {type(down).__name__}") from down
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            refused = f"the schema registry refuses us ({answer.status_code}): see RUSTOK_REGISTRY_TOKEN"
            raise RegistryAway(refused, REFUSED_RETRY_S)
        said = _said(answer)
        if answer.status_code == httpx.codes.NOT_FOUND and said.get("error_code") == _NO_SUCH_ID:
            return None
        if answer.status_code != httpx.codes.OK:
            raise RegistryAway(
                f"the schema registry answers {answer.status_code}, and not that it has no schema {schema_id}"
            )
        return _avro(said, schema_id)

    def close(self) -> None:
        self._client.close()


def _said(answer: httpx.Response) -> Mapping[str, Any]:
    """The JSON object of an answer; nothing when it is none."""
    try:
        said = answer.json()
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _avro(said: Mapping[str, Any], schema_id: int) -> str:
    """The schema's text, of which only this much is certain: it looks like one."""
    text = said.get("schema")
    if not isinstance(text, str):
        raise RegistryAway(f"what answers at the schema registry's address has no schema in its answer for {schema_id}")
    if said.get("schemaType", "AVRO") != "AVRO":
        return _NOT_AVRO
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise RegistryAway(f"what the schema registry gives for {schema_id} is no JSON") from wrong
    if not isinstance(schema, str | list) and not (isinstance(schema, dict) and "type" in schema):
        raise RegistryAway(f"what the schema registry gives for {schema_id} is no Avro schema")
    return text


def authorization(settings: Settings, process: str) -> str:
    """The header's value; empty: none. A token of our own goes to our own API only."""
    given = settings.registry_token.get_secret_value()
    if given and settings.registry_user:
        return "Basic " + b64encode(f"{settings.registry_user}:{given}".encode()).decode()
    if given:
        return f"Bearer {given}"
    key = settings.service_key.get_secret_value()
    if settings.registry_url or not key:
        return ""
    return "Bearer " + service_token(key, process, datetime.now(UTC))
