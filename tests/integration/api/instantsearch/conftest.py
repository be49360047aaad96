"""A shop with a small catalogue in its search, and another one that is nobody's business."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from api.http.tokens import AccessTokens
from ops.settings import Settings
from tests.integration.api.instantsearch.catalogue import Catalogue, made_catalogue, put_into_search
from tests.integration.api.shops import Shop, opened_shop

Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return made_catalogue()


@pytest.fixture(scope="session")
def widgets_shop(app: APIFlask, settings: Settings, tokens: AccessTokens, catalogue: Catalogue) -> Shop:
    shop, other = (opened_shop(app.test_client(), tokens, locales=["en", "de"]) for _ in range(2))
    put_into_search(settings, shop, catalogue)
    put_into_search(settings, other, made_catalogue(5))
    return shop


@pytest.fixture(scope="session")
def key(widgets_shop: Shop) -> str:
    return str(widgets_shop.post("/v1/service-tokens", {"name": "storefront", "kind": "search"}).json["token"])


@pytest.fixture(scope="session")
def call(widgets_shop: Shop, key: str) -> Callable[..., TestResponse]:
    """A call as the client's browser build makes it: all in the address, and JSON that is called plain text."""

    def send(body: Any, path: str = "*/queries", **different: Any) -> TestResponse:
        query = {
            "x-algolia-agent": "Algolia for JavaScript (5.64.0); Lite (5.64.0); Browser",
            "x-algolia-api-key": key,
            "x-algolia-application-id": widgets_shop.tenant["slug"],
            "x-algolia-request-id": "1",
        }
        how = {"content_type": "text/plain", "query_string": query, "headers": {"Host": "api.example"}} | different
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        return widgets_shop.client.post(f"/search/1/indexes/{path}", data=data, **how)

    return send


@pytest.fixture(scope="session")
def ask(call: Callable[..., TestResponse]) -> Ask:
    """The answers to requests in the index of products."""

    def asked(*requests: dict[str, Any]) -> Any:
        answer = call({"requests": [{"indexName": "products", **one} for one in requests]})
        assert answer.status_code == 200, answer.text
        return answer.json["results"]

    return asked
