"""Fetches the keys of an identity provider from where its discovery document says they are.

Nothing is taken on trust: https only, no redirects, little text, little time, and a set in which no key is usable is no
set. Where the provider is comes from the settings alone.
"""

import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import jwt
import orjson

from api.store.errors import StoreDown

_DISCOVERY: Final = "/.well-known/openid-configuration"
_MOST_BYTES: Final = 64 * 1024
_ANSWER_S: Final = 3.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})

IssuerKeys = Mapping[str, jwt.PyJWK]


class IssuerAway(StoreDown):
    """The identity provider does not give its keys."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


def is_safe(url: str, *, loopback: bool) -> bool:
    """`loopback`: whether a provider on this machine may do without TLS."""
    try:
        there = urlsplit(url)
        host = there.hostname
    except ValueError:
        return False
    return bool(host) and (there.scheme == "https" or (loopback and there.scheme == "http" and host in _LOOPBACK))


class KeyFetcher:
    """Of one issuer. `algorithm` is the only one that its keys are for."""

    def __init__(self, issuer: str, algorithm: str, *, loopback: bool = False) -> None:
        self._issuer = issuer
        self._algorithm = algorithm
        self._loopback = loopback

    def fetch(self) -> IssuerKeys:
        """By `kid`. Raises `IssuerAway`."""
        with httpx.Client(timeout=_ANSWER_S, follow_redirects=False) as client:
            told = _document(client, self._issuer.rstrip("/") + _DISCOVERY)
            if told.get("issuer") != self._issuer:
                raise IssuerAway(f"what answers for {self._issuer} says that it is another issuer")
            url = told.get("jwks_uri")
            if not isinstance(url, str) or not is_safe(url, loopback=self._loopback):
                raise IssuerAway(f"{self._issuer} names no safe address of its keys")
            found = _document(client, url).get("keys")
        keys = self._usable(found if isinstance(found, list) else [])
        if not keys:
            raise IssuerAway(f"{self._issuer} publishes no key for {self._algorithm}")
        return keys

    def _usable(self, found: list[Any]) -> IssuerKeys:
        keys: dict[str, jwt.PyJWK] = {}
        for one in found:
            if not isinstance(one, dict) or one.get("use", "sig") != "sig":
                continue
            kid, meant_for = one.get("kid"), one.get("alg", self._algorithm)
            if isinstance(kid, str) and meant_for == self._algorithm:
                try:
                    keys.setdefault(kid, jwt.PyJWK(one, self._algorithm))
                except (jwt.PyJWTError, ValueError, TypeError):  # of another kind, or none at all
                    continue
        return keys


def _document(client: httpx.Client, url: str) -> dict[str, Any]:
    """A JSON object."""
    deadline, text = time.monotonic() + _ANSWER_S, b""
    try:
        with client.stream("GET", url) as answer:
            if answer.status_code != httpx.codes.OK:
                raise IssuerAway(f"{url} answers {answer.status_code}")
            for part in answer.iter_bytes():
                text += part
                if len(text) > _MOST_BYTES or time.monotonic() > deadline:
                    raise IssuerAway(f"{url} answers with too much, or too slowly")
        found = orjson.loads(text)
    except (httpx.HTTPError, httpx.InvalidURL) as down:
        raise IssuerAway(f"{url} does not answer: {type(down).__name__}") from down
    except orjson.JSONDecodeError as wrong:
        raise IssuerAway(f"{url} answers with something else than JSON") from wrong
    if not isinstance(found, dict):
        raise IssuerAway(f"{url} answers with something else than an object")
    return found
