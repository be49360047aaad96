"""Where does a reader find the schema behind an id? In a Confluent-compatible registry, over HTTP, once per id."""

import httpx

from sinks.sink import Unavailable


class RegistryClient:
    """A `schemas.codec.SchemaIds`. A registry that does not answer is waited for, never guessed around."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=5.0)

    def text_of(self, schema_id: int) -> str | None:
        try:
            answer = self._client.get(f"/schemas/ids/{schema_id}")
        except httpx.TransportError as down:
            raise Unavailable(f"the schema registry does not answer: {type(down).__name__}") from down
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        if answer.is_error:
            raise Unavailable(f"the schema registry answers {answer.status_code}")
        text: str = answer.json()["schema"]
        return text

    def close(self) -> None:
        self._client.close()
