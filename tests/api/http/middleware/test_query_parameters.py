import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from tests.api.conftest import SHOP

FILES = {"/csv": "text/csv", "/lines": "application/x-ndjson"}


def _is_file(path: str, end: str) -> bool:
    return path.startswith("/v1/imports/") and path.endswith(end)


#: What the platform's own people ask for.
_OF_PLATFORM = ("/v1/tenants", "/v1/analytics/quality", "/v1/rebuilds")


def addresses(app: APIFlask) -> list[tuple[str, str]]:
    """All there is to call."""
    return [
        (method, re.sub(r"<[^>]+>", str(uuid4()), rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]


def test_every_address_refuses_a_parameter_it_does_not_know(
    app: APIFlask, client: FlaskClient, as_role: Callable[..., dict[str, str]]
) -> None:
    asked = addresses(app)

    for method, path in asked:
        role = "super_admin" if path.startswith(_OF_PLATFORM) else "admin"
        body = "{}" if method in ("POST", "PATCH", "PUT") else None
        kind = next((kind for end, kind in FILES.items() if _is_file(path, end)), "application/json")
        answer = client.open(
            f"{path}?surprise=1", method=method, headers=as_role(role), data=body, content_type=kind if body else None
        )

        assert answer.status_code == 422, f"{method} {path}: {answer.status_code}"
        if body is None:
            assert "surprise" in [one["field"] for one in answer.get_json(force=True)["errors"]]
    assert len(asked) > 30


@pytest.mark.parametrize("path", ["/v1/tenants/%00", "/v1/tenants/a%00b", "/v1/products/%00", "/%00", "/docs/%00"])
def test_an_address_with_a_nul_in_it_is_nowhere(
    client: FlaskClient, as_role: Callable[..., dict[str, str]], path: str
) -> None:
    assert client.get(path, headers=as_role("super_admin")).status_code == 404


def test_a_zone_that_is_only_this_hosts_is_no_zone(client: FlaskClient, as_role: Callable[..., dict[str, str]]) -> None:
    for zone, status in (("localtime", 422), ("posixrules", 422), ("Europe/Berlin", 200), ("UTC", 200), ("ACT", 422)):
        answer = client.get(f"/v1/analytics/sales?timezone={zone}", headers=as_role("admin", tenant_id=SHOP.id))
        assert (zone, answer.status_code) == (zone, status)
