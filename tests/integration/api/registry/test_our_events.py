"""The schemas of our own events: registered by a deploy, read by everybody, changed by nobody."""

import json

import psycopg
import pytest

from api.registry.avro.schema_text import parse
from api.registry.deployed_schemas import SchemasDiffer, register_known
from schemas import avro_schema
from schemas.event_catalogue import HISTORIES
from tests.integration.api.registry.calling import Caller, record
from tests.support.examples import newest

pytestmark = pytest.mark.servers


def test_every_version_of_every_event_is_served(service: Caller) -> None:
    assert {history.event_type for history in HISTORIES} <= set(service.told("GET", "/subjects"))
    for history, version in avro_schema.every_version():
        served = service.told("GET", f"/subjects/{history.event_type}/versions/{version}")
        by_id = service.told("GET", f"/schemas/ids/{served['id']}")
        uses = service.told("GET", f"/schemas/ids/{served['id']}/versions")
        assert by_id["schema"] == parse(avro_schema.text(history, version), {}).canonical
        assert {"subject": history.event_type, "version": version} in uses


def test_latest_is_the_newest(service: Caller) -> None:
    served = service.told("GET", "/subjects/order.cancelled/versions/latest")

    assert served["version"] == newest("order.cancelled")


def test_a_client_that_registers_what_is_there_gets_its_id(maintainer: Caller) -> None:
    served = maintainer.told("GET", "/subjects/order.placed/versions/1")

    assert maintainer.registered("order.placed", served["schema"]) == served["id"]
    assert maintainer.registered("order.placed", json.dumps(json.loads(served["schema"]), indent=4)) == served["id"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/subjects/order.placed/versions", {"schema": record("x")}),
        ("POST", "/subjects/order.not_yet_an_event/versions", {"schema": record("x")}),
        ("DELETE", "/subjects/order.placed", None),
        ("DELETE", "/subjects/order.placed/versions/1", None),
        ("PUT", "/config/order.placed", {"compatibility": "NONE"}),
        ("DELETE", "/config/order.placed", None),
        ("PUT", "/mode/order.placed", {"mode": "READWRITE"}),
        ("DELETE", "/mode/order.placed", None),
    ],
)
def test_only_a_deploy_changes_them(maintainer: Caller, method: str, path: str, body: object) -> None:
    assert maintainer.refused(method, path, body) == (422, 42205)


def test_consumers_with_an_older_schema_go_on_reading(service: Caller) -> None:
    assert service.told("GET", "/config/order.placed") == {"compatibilityLevel": "FORWARD_TRANSITIVE"}
    assert service.told("GET", "/mode/order.placed") == {"mode": "READONLY"}


def test_a_schema_that_was_stored_as_it_came_keeps_its_id(postgres: psycopg.Connection, service: Caller) -> None:
    served = service.told("GET", "/subjects/order.paid/versions/1")
    history = next(one for one in HISTORIES if one.event_type == "order.paid")
    with postgres.transaction():
        as_it_came = json.dumps(avro_schema.schema(history, 1), separators=(",", ":"))
        postgres.execute("UPDATE schemas SET content = %s WHERE id = %s", (as_it_came, served["id"]))

        register_known(postgres)

    assert service.told("GET", "/subjects/order.paid/versions/1") == served


def test_a_published_version_never_changes(postgres: psycopg.Connection, service: Caller) -> None:
    served = service.told("GET", "/subjects/order.paid/versions/1")

    with postgres.transaction(force_rollback=True):
        postgres.execute("UPDATE schemas SET content = %s WHERE id = %s", (record("other"), served["id"]))
        with pytest.raises(SchemasDiffer, match=r"order\.paid v1"):
            register_known(postgres)

    assert service.told("GET", "/subjects/order.paid/versions/1") == served
