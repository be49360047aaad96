"""Ready is what can do its work: what each kind of process needs for it, and what it says while it cannot."""

from collections.abc import Callable
from dataclasses import replace
from typing import Never

from apiflask import APIFlask
from flask.testing import FlaskClient

from api.app import create_app, create_registry_alone
from api.http.dependencies import EXTENSION, Dependencies
from api.store.errors import SchemasNotPinned
from api.store.store import Store
from tests.api.conftest import NOW

Header = Callable[..., dict[str, str]]


class Behind(Store):
    """Answers, and has not heard of one of our events."""

    def ping(self) -> None:
        return None

    def encoder(self) -> Never:
        raise SchemasNotPinned(["order.placed v2"])


def not_migrated(app: APIFlask, create: Callable[[Dependencies], APIFlask] = create_app) -> FlaskClient:
    own: Dependencies = app.extensions[EXTENSION]
    return create(replace(own, store=Behind("", connections=1, clock=lambda: NOW))).test_client()


def test_who_cannot_write_an_event_is_not_ready_and_says_why(app: APIFlask) -> None:
    answer = not_migrated(app).get("/health/ready")

    assert (answer.status_code, answer.json["status"]) == (503, "not ready")
    assert answer.json["checks"]["postgres"]["ok"]
    assert answer.json["checks"]["schemas"] == {
        "ok": False,
        "detail": "no pinned schema id for order.placed v2: run `rustok api migrate`",
    }


def test_a_command_to_it_is_told_that_the_deployment_is_not_finished(app: APIFlask, as_role: Header) -> None:
    answer = not_migrated(app).post(
        "/v1/categories",
        json={"translations": [{"locale": "en", "name": "Cheese", "slug": "cheese"}]},
        headers=as_role("admin"),
    )

    problem = answer.get_json(force=True)
    assert (answer.status_code, problem["code"]) == (503, "store_unavailable")
    assert problem["detail"] == ("This deployment is not finished: the schemas of its events are not registered yet.")
    assert "order.placed" not in answer.text


def test_the_registry_alone_is_ready_with_its_database_alone(app: APIFlask) -> None:
    answer = not_migrated(app, create_registry_alone).get("/health/ready")

    assert (answer.status_code, answer.json["status"]) == (200, "ready")
    assert list(answer.json["checks"]) == ["postgres"]


def test_what_is_never_counted_here_is_not_on_the_page_of_metrics(client: FlaskClient) -> None:
    client.get("/health/live")

    page = client.get("/metrics").text

    assert "rustok_http_requests_total" in page
    assert "rustok_capture_as_of_timestamp_seconds" not in page
