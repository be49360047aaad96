"""Where does a reader find the schema behind an id? In a Confluent-compatible registry, over HTTP, once per id."""

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import httpx

from ops.service_token import service_token
from ops.settings import Settings
from sinks.sink import Unavailable

#: Nobody hands out a new token within a second.
REFUSED_RETRY_S: Final = 5.0


class RegistryClient:
    """A `schemas.codec.SchemaIds`. A registry that is away or refuses us is waited for, never guessed around."""

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
        except httpx.TransportError as down:
            raise Unavailable(f"the schema registry does not answer: {type(down).__name__}") from down
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            refused = f"the schema registry refuses us ({answer.status_code}): see RUSTOK_REGISTRY_TOKEN"
            raise Unavailable(refused, REFUSED_RETRY_S)
        if answer.is_error:
            raise Unavailable(f"the schema registry answers {answer.status_code}")
        text: str = answer.json()["schema"]
        return text

    def close(self) -> None:
        self._client.close()


def authorization(settings: Settings, process: str) -> str:
    """The header's value; empty: none. A token of our own goes to our own API only."""
    given = settings.registry_token.get_secret_value()
    if given and settings.registry_user:
        return "Basic " + b64encode(f"{settings.registry_user}:{given}".encode()).decode()
    if given:
        return f"Bearer {given}"
    key = settings.token_key.get_secret_value()
    if settings.registry_url or not key:
        return ""
    return "Bearer " + service_token(key, process, datetime.now(UTC))
