"""The registry's addresses and refusals, without a database."""

from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

Header = Callable[..., dict[str, str]]
TYPE = "application/vnd.schemaregistry.v1+json"


@pytest.mark.parametrize("root", ["subjects", "schemas", "config", "mode", "compatibility", "contexts", "associations"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_an_unknown_address_is_not_found_whatever_the_method(client: FlaskClient, root: str, method: str) -> None:
    answer = client.open(f"/{root}/there/is/nothing/of/this/name", method=method)

    assert answer.status_code == 404
    assert answer.get_json(force=True) == {"error_code": 404, "message": "HTTP 404 Not Found"}
    assert answer.content_type == TYPE


def test_a_known_address_says_which_methods_it_takes(client: FlaskClient) -> None:
    answer = client.patch("/subjects")

    assert (answer.status_code, answer.get_json(force=True)["error_code"]) == (405, 405)
    assert "GET" in answer.headers["Allow"]


def test_clients_that_ask_for_associations_go_on(client: FlaskClient, as_role: Header) -> None:
    path = "/associations/resources/-/rustok.order"

    assert client.get(path, headers=as_role("service")).get_json(force=True) == []
    assert client.post("/associations", headers=as_role("service"), json={}).status_code == 404


def test_the_answer_is_of_the_type_that_was_asked_for(client: FlaskClient, as_role: Header) -> None:
    def typed(accept: str) -> str | None:
        return client.get("/schemas/types", headers={**as_role("service"), "Accept": accept}).content_type

    assert typed("application/json") == "application/json"
    assert typed(f"{TYPE}, application/vnd.schemaregistry+json, application/json") == TYPE
    assert typed("*/*") == TYPE


def test_a_token_is_good_as_a_password(client: FlaskClient, as_role: Header) -> None:
    token = as_role("service")["Authorization"].removeprefix("Bearer ")

    def status(user: str) -> int:
        sent = b64encode(f"{user}:{token}".encode()).decode()
        return client.get("/schemas/types", headers={"Authorization": f"Basic {sent}"}).status_code

    assert (status("anybody"), status("")) == (200, 200)
    assert client.get("/v1/orders", headers={"Authorization": f"Basic {token}"}).status_code == 401


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic nonsense", "Basic YTpi"])
def test_nobody_is_told_how_to_say_who_they_are(client: FlaskClient, header: str | None) -> None:
    answer = client.get("/subjects", headers={} if header is None else {"Authorization": header})

    assert (answer.status_code, answer.get_json(force=True)["error_code"]) == (401, 40101)
    assert answer.headers["WWW-Authenticate"] == 'Bearer, Basic realm="schema registry"'


def test_who_may_not_is_told_so(client: FlaskClient, as_role: Header) -> None:
    answer = client.post("/subjects/x/versions", json={"schema": '"int"'}, headers=as_role("service"))

    assert (answer.status_code, answer.get_json(force=True)["error_code"]) == (403, 40301)


def test_an_expired_token_is_nobody(client: FlaskClient, as_role: Header) -> None:
    answer = client.get("/subjects", headers=as_role("service", valid=timedelta(seconds=-1)))

    assert answer.get_json(force=True)["error_code"] == 40101


def test_a_body_that_is_no_json_is_malformed(client: FlaskClient, as_role: Header) -> None:
    answer = client.post("/subjects/x/versions", data="{", content_type=TYPE, headers=as_role("schema"))

    assert (answer.status_code, answer.get_json(force=True)["error_code"]) == (400, 400)


def test_without_its_store_it_asks_to_be_asked_again(client: FlaskClient, as_role: Header) -> None:
    answer = client.get("/subjects", headers=as_role("service"))

    assert (answer.status_code, answer.get_json(force=True)["error_code"]) == (503, 50001)
    assert answer.headers["Retry-After"]
