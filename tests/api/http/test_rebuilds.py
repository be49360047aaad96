"""What is done about builds is for the platform's own people, and takes nothing that it does not know."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

Headers = Callable[..., dict[str, str]]
CALLS = [
    ("GET", ""),
    ("GET", "/sales"),
    *(("POST", f"/sales/{one}") for one in ("start", "resume", "promote", "rollback", "pause", "cancel", "drop")),
]


@pytest.mark.parametrize("role", ["anonymous", "customer", "manager", "admin", "service", "schema"])
@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_shops_people_and_programs_may_not(
    client: FlaskClient, as_role: Headers, method: str, path: str, role: str
) -> None:
    headers = {**as_role(role), "Host": "cheese.example"}

    answer = client.open(f"/v1/rebuilds{path}", method=method, headers=headers, json=None if method == "GET" else {})

    assert answer.status_code in (401, 403)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("start", {"hold": "yes"}, "hold"),
        ("start", {"build": "v8"}, "build"),
        ("start", {"source": "archive"}, "source"),
        ("start", {"tenants": ["Not A Slug"]}, "0"),
        ("start", {"tenants": "store-367"}, "tenants"),
        ("resume", {"source": "tables"}, "source"),
        ("drop", {"build": "../v8"}, "build"),
        ("drop", {"build": "v0"}, "build"),
        ("drop", {"build": 8}, "build"),
        ("resume", {"hold": None}, "hold"),
    ],
)
def test_what_is_no_good_body_is_refused_by_its_field(
    client: FlaskClient, as_role: Headers, path: str, body: dict[str, object], field: str
) -> None:
    answer = client.post(f"/v1/rebuilds/sales/{path}", headers=as_role("operator"), json=body)

    assert answer.status_code == 422
    assert field in [one["field"].rpartition(".")[2] for one in answer.get_json(force=True)["errors"]]


@pytest.mark.parametrize("beside", [{"hold": True}, {"source": "tables"}])
def test_shops_alone_are_told_in_place_and_nothing_is_made_of_them(
    client: FlaskClient, as_role: Headers, beside: dict[str, object]
) -> None:
    body = {"tenants": ["store-367"], **beside}

    answer = client.post("/v1/rebuilds/sales/start", headers=as_role("operator"), json=body)

    assert answer.status_code == 422
    assert "in place" in answer.get_data(as_text=True)


def test_without_the_database_nothing_is_accepted(client: FlaskClient, as_role: Headers) -> None:
    answer = client.post("/v1/rebuilds/sales/start", headers=as_role("operator"), json={})

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (503, "store_unavailable")
