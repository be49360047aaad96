from collections.abc import Iterator

import orjson
import pytest

from api.http.issuer_keys import IssuerAway, KeyFetcher, is_safe
from tests.support.identity_provider import IdentityProvider, identity_provider

DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with identity_provider() as running:
        yield running


def fetcher(provider: IdentityProvider, algorithm: str = "RS256") -> KeyFetcher:
    return KeyFetcher(provider.url, algorithm, loopback=True)


def test_the_keys_are_where_the_discovery_document_says(provider: IdentityProvider) -> None:
    provider.add_key("r2")

    assert fetcher(provider).fetch().keys() == {"r1", "r2"}
    assert provider.asked == [DISCOVERY, "/keys"]


@pytest.mark.parametrize(
    ("page", "status", "headers", "body"),
    [
        (DISCOVERY, 500, {}, b""),
        (DISCOVERY, 200, {}, b"<html>"),
        (DISCOVERY, 200, {}, b"[1]"),
        (DISCOVERY, 200, {}, b'{"issuer": "https://somebody.else", "jwks_uri": "https://somebody.else/keys"}'),
        ("/keys", 302, {"Location": "/.well-known/openid-configuration"}, b""),
        ("/keys", 200, {}, b'{"keys": "none"}'),
        ("/keys", 200, {}, b'{"keys": []}'),
        ("/keys", 200, {}, b'{"keys": [1, {"kid": "a"}, {"kty": "oct", "k": "c2VjcmV0", "kid": "b", "alg": "HS256"}]}'),
        ("/keys", 200, {}, b'{"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "b"}]}'),
        ("/keys", 200, {}, b'{"keys": [' + b" " * 70_000 + b"]}"),
    ],
)
def test_what_is_no_set_of_keys_is_none(
    provider: IdentityProvider, page: str, status: int, headers: dict[str, str], body: bytes
) -> None:
    provider.answers[page] = (status, headers, body)

    with pytest.raises(IssuerAway):
        fetcher(provider).fetch()


@pytest.mark.parametrize("where", ["http://keys.example/", "file:///etc/passwd", "ftp://127.0.0.1/", "", 3])
def test_keys_are_fetched_from_nowhere_that_is_not_safe(provider: IdentityProvider, where: object) -> None:
    provider.answers[DISCOVERY] = (200, {}, orjson.dumps({"issuer": provider.url, "jwks_uri": where}))

    with pytest.raises(IssuerAway, match="no safe address"):
        fetcher(provider).fetch()


def test_a_key_for_something_else_is_not_taken(provider: IdentityProvider) -> None:
    with pytest.raises(IssuerAway, match="no key for ES256"):
        fetcher(provider, "ES256").fetch()


def test_nobody_there_is_said() -> None:
    with pytest.raises(IssuerAway, match="does not answer"):
        KeyFetcher("http://127.0.0.1:9", "RS256", loopback=True).fetch()


@pytest.mark.parametrize(
    ("url", "loopback", "safe"),
    [
        ("https://id.example", False, True),
        ("http://id.example", True, False),
        ("http://localhost:9000/realm", True, True),
        ("http://localhost:9000/realm", False, False),
        ("https://", False, False),
        ("https://[", False, False),
    ],
)
def test_only_tls_is_safe_and_in_development_this_machine(url: str, loopback: bool, safe: bool) -> None:
    assert is_safe(url, loopback=loopback) == safe
