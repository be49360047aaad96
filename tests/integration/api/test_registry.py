import json

import pytest
from apiflask import APIFlask

from schemas import rendering
from schemas.catalogue import HISTORIES

pytestmark = pytest.mark.servers


def test_every_version_of_every_event_is_served(app: APIFlask) -> None:
    client = app.test_client()

    assert client.get("/subjects").get_json(force=True) == sorted(history.event_type for history in HISTORIES)
    for history, version in rendering.every_version():
        served = client.get(f"/subjects/{history.event_type}/versions/{version}").get_json(force=True)
        by_id = client.get(f"/schemas/ids/{served['id']}").get_json(force=True)
        uses = client.get(f"/schemas/ids/{served['id']}/versions").get_json(force=True)
        assert json.loads(by_id["schema"]) == rendering.schema(history, version)
        assert {"subject": history.event_type, "version": version} in uses


def test_latest_is_the_newest(app: APIFlask) -> None:
    served = app.test_client().get("/subjects/order.cancelled/versions/latest").get_json(force=True)

    assert served["version"] == 2


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/subjects/nothing/versions", 404, 40401),
        ("/subjects/nothing/versions/1", 404, 40401),
        ("/subjects/order.paid/versions/99", 404, 40402),
        ("/subjects/order.paid/versions/zero", 422, 42202),
        ("/subjects/order.paid/versions/0", 422, 42202),
        ("/schemas/ids/999999", 404, 40403),
    ],
)
def test_what_is_not_there_is_said_as_clients_know_it(app: APIFlask, path: str, status: int, code: int) -> None:
    answer = app.test_client().get(path)

    assert (answer.status_code, answer.get_json(force=True)["error_code"]) == (status, code)
