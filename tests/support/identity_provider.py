"""An identity provider on this machine: discovery, keys, and tokens that it signs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.support.http_server import address, http_server

AUDIENCE = "https://api.shops.example"


@dataclass
class IdentityProvider:
    """`answers` is what it gives in the place of a page; `asked` the pages that were asked for."""

    url: str = ""
    pairs: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def add_key(self, kid: str) -> None:
        self.pairs[kid] = _pair(kid)

    def token(self, kid: str = "r1", algorithm: str = "RS256", typ: str | None = "JWT", **claims: Any) -> str:
        """Claims that are None are left out."""
        made = {"sub": "anna", "iss": self.url, "aud": AUDIENCE, "exp": datetime.now(UTC) + timedelta(hours=1)}
        payload = {name: value for name, value in {**made, **claims}.items() if value is not None}
        return jwt.encode(payload, self.pairs[kid], algorithm, headers={"kid": kid, "typ": typ})

    def page(self, path: str) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        pages = {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            "/keys": {"keys": [self._public(kid) for kid in self.pairs]},
        }
        return self.answers.get(path) or (200, {}, orjson.dumps(pages[path]))

    def _public(self, kid: str) -> dict[str, Any]:
        return {**RSAAlgorithm.to_jwk(self.pairs[kid].public_key(), as_dict=True), "kid": kid, "use": "sig"}


@cache
def _pair(_kid: str) -> rsa.RSAPrivateKey:
    """Dear to make, and as good the next time."""
    return rsa.generate_private_key(65537, 2048)


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    provider.add_key("r1")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = provider.page(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with http_server(Handler) as server:
        provider.url = address(server)
        yield provider
