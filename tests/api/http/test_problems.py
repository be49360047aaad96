from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

Header = Callable[..., dict[str, str]]


def problem(answer: TestResponse) -> dict[str, Any]:
    assert answer.content_type == "application/problem+json"
    found: dict[str, Any] = answer.get_json(force=True)
    assert found.keys() == {"type", "title", "status", "detail", "code", "instance", "errors", "trace_id"}
    assert found["status"] == answer.status_code
    return found


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "code"),
    [
        ("POST", "/v1/products", {"data": "{", "content_type": "application/json"}, 400, "malformed"),
        ("POST", "/v1/products", {"data": b"\xff", "content_type": "application/json"}, 400, "malformed"),
        ("POST", "/v1/products", {"data": "NaN", "content_type": "application/json"}, 400, "malformed"),
        ("POST", "/v1/products", {"data": "a=1", "content_type": "text/plain"}, 415, "unsupported_media_type"),
        ("POST", "/v1/products", {"data": b" " * 8_400_000, "content_type": "application/json"}, 413, "too_large"),
        ("POST", "/v1/products", {"json": []}, 422, "invalid"),
        ("POST", "/v1/products", {"data": "null", "content_type": "application/json"}, 422, "invalid"),
        ("POST", "/v1/orders", {"json": {"lines": []}}, 422, "invalid"),
        ("GET", "/v1/nothing", {}, 404, "not_found"),
        ("GET", "/v1/products/not-an-id", {}, 404, "not_found"),
        ("PUT", "/v1/products", {}, 405, "method_not_allowed"),
        ("GET", "/v1/products?limit=0", {}, 422, "invalid"),
        ("GET", "/v1/products?limit=5&limit=6", {}, 422, "invalid"),
        ("GET", "/v1/products?nonsense=1", {}, 422, "invalid"),
        ("GET", "/v1/search/products?page=1000&per_page=100", {}, 422, "invalid"),
        ("GET", "/v1/search/products?after=nonsense", {}, 422, "invalid"),
        ("GET", "/v1/search/products?sort=random", {}, 422, "invalid"),
        ("GET", "/v1/analytics/sales?timezone=Mars/Olympus", {}, 422, "invalid"),
        ("GET", "/v1/analytics/sales?from=2026-02-30", {}, 422, "invalid"),
        ("GET", "/v1/analytics/sales?from=2026-02-02&to=2026-02-01", {}, 422, "invalid"),
    ],
)
def test_what_is_wrong_with_a_request_is_a_problem(
    client: FlaskClient, as_role: Header, method: str, path: str, sent: dict[str, Any], status: int, code: str
) -> None:
    answer = client.open(path, method=method, headers=as_role("admin"), **sent)

    assert (answer.status_code, problem(answer)["code"]) == (status, code)


def test_every_offending_field_is_named(client: FlaskClient, as_role: Header) -> None:
    body = {
        "translations": [{"locale": "EN!", "title": ""}],
        "variants": [{"sku": "a", "prices": [{"currency": "euro", "amount_minor": "5"}]}, {"sku": "b\x00"}],
        "surprise": True,
    }

    answer = client.post("/v1/products", json=body, headers=as_role("admin"))

    assert {one["field"] for one in problem(answer)["errors"]} == {
        "translations.0.locale",
        "translations.0.title",
        "variants.0.prices.0.currency",
        "variants.0.prices.0.amount_minor",
        "variants.1.sku",
        "surprise",
    }


@pytest.mark.parametrize("amount", [1.0, "1", True, None, -1, 10**16, 2**64 - 1])
def test_an_amount_of_money_is_a_whole_number(client: FlaskClient, as_role: Header, amount: object) -> None:
    price = {"currency": "EUR", "amount_minor": amount}
    body = {"translations": [{"locale": "en", "title": "Brie"}], "variants": [{"sku": "a", "prices": [price]}]}

    answer = client.post("/v1/products", json=body, headers=as_role("admin"))

    assert [one["field"] for one in problem(answer)["errors"]] == ["variants.0.prices.0.amount_minor"]


def test_a_store_that_is_down_says_when_to_ask_again(client: FlaskClient, as_role: Header) -> None:
    answer = client.get("/v1/products", headers=as_role("admin"))

    assert (answer.status_code, problem(answer)["code"]) == (503, "store_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_fault_of_ours_shows_nothing_of_us(client: FlaskClient, as_role: Header) -> None:
    def broken() -> str:
        raise RuntimeError("SELECT secret FROM somewhere")

    client.application.view_functions["health.live"] = broken
    broken.rustok_access = client.application.view_functions["documents.docs"].rustok_access  # type: ignore[attr-defined]
    client.application.config["PROPAGATE_EXCEPTIONS"] = False

    answer = client.get("/health/live")

    assert (answer.status_code, problem(answer)["code"]) == (500, "internal")
    assert "secret" not in answer.text
