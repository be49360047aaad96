"""Each application has its own addresses, and nothing of one is in the way of a request to another."""

from collections.abc import Iterable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client

from api.http.server.mounted_applications import REGISTRY_CONTENT_TYPE, Mounts
from api.http.server.wsgi_call import Environ, Wsgi


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/subjects/nowhere/at/all", REGISTRY_CONTENT_TYPE),
        ("/v1/metadata/nowhere", REGISTRY_CONTENT_TYPE),
        ("/", REGISTRY_CONTENT_TYPE),
        ("/subjects-of-ours", "application/problem+json"),
        ("/v1/products/nowhere", "application/problem+json"),
        ("/search/1/nowhere", "application/json"),
        ("/nowhere", "application/problem+json"),
    ],
)
def test_an_address_is_answered_in_the_words_of_its_application(
    client: FlaskClient, path: str, content_type: str
) -> None:
    assert client.get(path).content_type == content_type


def test_no_request_passes_through_another_application() -> None:
    asked: list[tuple[str, str]] = []

    def application(name: str) -> Wsgi:
        def call(environ: Environ, start_response: Any) -> Iterable[bytes]:
            asked.append((name, environ["PATH_INFO"]))
            start_response("200 OK", [])
            return ()

        return call

    client = Client(Mounts(application("api"), application("registry"), application("instantsearch")))
    for path in ("/subjects", "/contexts/.shop/subjects", "/v1/metadata/id", "/v1/orders", "/health/live", "/search/1"):
        client.get(path)

    assert [name for name, _ in asked] == ["registry", "registry", "registry", "api", "api", "instantsearch"]
