"""Writes to a Confluent-compatible registry over HTTP, with the few calls that every one of them has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import httpx

_TIMEOUT_S: Final = 30.0
_TYPE: Final = "application/vnd.schemaregistry.v1+json"


@dataclass(frozen=True, slots=True)
class HeldSchema:
    """What a registry has as a version of a subject."""

    schema_id: int
    text: str


class RegistryRefusal(Exception):
    """The registry does not do it. `status` is HTTP's, 0 when it does not answer; `code` and `what` are its own."""

    def __init__(self, status: int, what: str, code: int = 0) -> None:
        super().__init__(f"{status}: {what}" if status else what)
        self.status = status
        self.what = what
        self.code = code


class ConfluentRegistry:
    """A name and a password in the URL are sent as such; else `authorization` is the header's value, empty: none.

    Every method raises `RegistryRefusal`.
    """

    def __init__(self, url: str, authorization: str = "") -> None:
        parsed = httpx.URL(url)
        self.shown_url = str(parsed.copy_with(userinfo=b""))
        self._client = httpx.Client(
            base_url=self.shown_url,
            auth=(parsed.username, parsed.password) if parsed.userinfo and not authorization else None,
            headers={"Authorization": authorization} if authorization else {},
            timeout=_TIMEOUT_S,
        )

    def versions(self, subject: str) -> dict[int, HeldSchema]:
        """Empty when there is no such subject."""
        numbers = self._ask("GET", f"/subjects/{quote(subject, safe='')}/versions", absent=[])
        return {number: self._version(subject, number) for number in numbers}

    def register(self, subject: str, text: str) -> int:
        """The id of this schema, which becomes the subject's next version."""
        return int(self._post(subject, {"schema": text, "schemaType": "AVRO"})["id"])

    def take_over(self, subject: str, text: str, version: int, schema_id: int) -> None:
        """Under the numbers it has elsewhere; the subject has to be in the mode IMPORT."""
        self._post(subject, {"schema": text, "schemaType": "AVRO", "version": version, "id": schema_id})

    def mode(self, subject: str) -> str:
        """What holds for it, wherever that is said; a registry that has no modes takes everything."""
        path, params = f"/mode/{quote(subject, safe='')}", {"defaultToGlobal": "true"}
        return str(self._ask("GET", path, absent={}, params=params).get("mode", "READWRITE"))

    def set_mode(self, subject: str, mode: str) -> None:
        self._ask("PUT", f"/mode/{quote(subject, safe='')}", json={"mode": mode}, params={"force": "true"})

    def set_compatibility(self, subject: str, level: str) -> None:
        self._ask("PUT", f"/config/{quote(subject, safe='')}", json={"compatibility": level})

    def close(self) -> None:
        self._client.close()

    def _version(self, subject: str, number: int) -> HeldSchema:
        told = self._ask("GET", f"/subjects/{quote(subject, safe='')}/versions/{number}")
        return HeldSchema(int(told["id"]), str(told["schema"]))

    def _post(self, subject: str, body: Mapping[str, object]) -> Any:
        return self._ask("POST", f"/subjects/{quote(subject, safe='')}/versions", json=body)

    def _ask(self, method: str, path: str, absent: Any = None, **request: Any) -> Any:
        try:
            answer = self._client.request(method, path, headers={"Content-Type": _TYPE, "Accept": _TYPE}, **request)
        except httpx.TransportError as lost:
            raise RegistryRefusal(
                0, f"the registry at {self.shown_url} does not answer: {type(lost).__name__}"
            ) from lost
        if answer.status_code == httpx.codes.NOT_FOUND and absent is not None:
            return absent
        if answer.is_error:
            problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
            code = problem.get("error_code")
            said = str(problem.get("message") or answer.text[:300])
            raise RegistryRefusal(answer.status_code, said, code if isinstance(code, int) else 0)
        return answer.json()
