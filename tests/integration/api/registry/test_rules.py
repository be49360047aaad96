"""Levels, modes and aliases: of a subject, of a context, of everything."""

import json
from collections.abc import Iterator

import psycopg
import pytest

from tests.integration.api.registry.calling import Caller, named, record, unique

pytestmark = pytest.mark.servers
LEVELS = [f"{way}{all_}" for way in ("BACKWARD", "FORWARD", "FULL") for all_ in ("", "_TRANSITIVE")] + ["NONE"]


def test_a_subject_has_its_own_level_or_that_of_all(maintainer: Caller) -> None:
    subject = named()
    assert maintainer.refused("GET", f"/config/{subject}") == (404, 40408)
    assert maintainer.told("GET", f"/config/{subject}?defaultToGlobal=true") == {"compatibilityLevel": "BACKWARD"}

    for level in LEVELS:
        assert maintainer.told("PUT", f"/config/{subject}", {"compatibility": level.lower()}) == {
            "compatibility": level
        }
        assert maintainer.told("GET", f"/config/{subject}") == {"compatibilityLevel": level}

    assert maintainer.told("DELETE", f"/config/{subject}") == {"compatibilityLevel": "NONE"}
    assert maintainer.refused("DELETE", f"/config/{subject}") == (404, 40401)
    assert maintainer.refused("PUT", f"/config/{subject}", {"compatibility": "SOMEHOW"}) == (422, 42203)
    assert maintainer.refused("PUT", f"/config/{subject}", {}) == (422, 42203)


def test_the_level_decides(maintainer: Caller) -> None:
    subject, kind = named(), unique("a")
    maintainer.registered(subject, kind)
    one = json.loads(kind)
    more = json.dumps({**one, "fields": [*one["fields"], {"name": "b", "type": "int"}]})
    assert maintainer.refused("POST", f"/subjects/{subject}/versions", {"schema": more}) == (409, 409)

    maintainer.told("PUT", f"/config/{subject}", {"compatibilityLevel": "FORWARD"})

    assert maintainer.registered(subject, more)


def test_a_context_has_a_level_for_its_subjects(maintainer: Caller) -> None:
    context = f":.{named('ctx')}:"

    maintainer.told("PUT", f"/config/{context}", {"compatibility": "FULL"})

    assert maintainer.told("GET", f"/config/{context}s?defaultToGlobal=true") == {"compatibilityLevel": "FULL"}
    assert maintainer.refused("GET", f"/config/{context}s") == (404, 40408)


def test_versions_of_other_groups_do_not_count(maintainer: Caller) -> None:
    subject, first, second = named(), unique("a"), unique("b")
    maintainer.told("PUT", f"/config/{subject}", {"compatibility": "FULL", "compatibilityGroup": "major"})
    maintainer.registered(subject, first, metadata={"properties": {"major": "1"}})

    assert maintainer.registered(subject, second, metadata={"properties": {"major": "2"}})


def test_a_subject_may_normalize_what_comes(maintainer: Caller) -> None:
    subject, one = named(), json.loads(unique("a"))
    maintainer.told("PUT", f"/config/{subject}", {"normalize": True})

    first = maintainer.registered(subject, json.dumps({**one, "namespace": "n", "name": f"n.{one['name']}"}))

    assert maintainer.registered(subject, json.dumps({**one, "namespace": "n"})) == first


def test_an_alias_is_another_name_to_read_by(maintainer: Caller) -> None:
    subject, alias = named(), named("alias")
    schema_id = maintainer.registered(subject, unique("a"))

    maintainer.told("PUT", f"/config/{alias}", {"alias": subject})

    assert maintainer.told("GET", f"/subjects/{alias}/versions/latest")["id"] == schema_id


def test_what_is_read_only_stays_as_it_is(maintainer: Caller) -> None:
    subject, schema = named(), unique("a")
    schema_id = maintainer.registered(subject, schema)
    assert maintainer.refused("GET", f"/mode/{subject}") == (404, 40409)

    assert maintainer.told("PUT", f"/mode/{subject}", {"mode": "READONLY"}) == {"mode": "READONLY"}

    assert maintainer.refused("POST", f"/subjects/{subject}/versions", {"schema": unique("b")}) == (422, 42205)
    assert maintainer.refused("DELETE", f"/subjects/{subject}") == (422, 42205)
    assert maintainer.refused("PUT", f"/config/{subject}", {"compatibility": "NONE"}) == (422, 42205)
    assert maintainer.registered(subject, schema) == schema_id
    assert maintainer.told("DELETE", f"/mode/{subject}") == {"mode": "READONLY"}
    assert maintainer.refused("PUT", f"/mode/{subject}", {"mode": "SOMEHOW"}) == (422, 42204)
    assert maintainer.refused("PUT", f"/mode/{subject}", {"mode": "READONLY_OVERRIDE"}) == (422, 42204)


@pytest.fixture
def everything(maintainer: Caller) -> Iterator[Caller]:
    """Who changes what holds for all, and leaves it as it was."""
    yield maintainer
    maintainer.told("DELETE", "/mode")
    maintainer.told("DELETE", "/config")


def test_everything_can_be_closed_and_opened_again(everything: Caller) -> None:
    subject = named()
    everything.told("PUT", f"/mode/{subject}", {"mode": "READWRITE"})

    everything.told("PUT", "/mode", {"mode": "READONLY_OVERRIDE"})

    assert everything.told("GET", "/mode") == {"mode": "READONLY_OVERRIDE"}
    assert everything.refused("POST", f"/subjects/{subject}/versions", {"schema": '"int"'}) == (422, 42205)
    assert everything.told("DELETE", "/mode") == {"mode": "READONLY_OVERRIDE"}
    assert everything.registered(subject, '"int"')


def test_the_level_of_all_is_that_of_who_has_none(everything: Caller) -> None:
    everything.told("PUT", "/config", {"compatibility": "FULL_TRANSITIVE"})

    assert everything.told("GET", "/config") == {"compatibilityLevel": "FULL_TRANSITIVE"}
    assert everything.told("GET", f"/config/{named()}?defaultToGlobal=True") == {
        "compatibilityLevel": "FULL_TRANSITIVE"
    }
    assert everything.told("GET", "/config/order.placed") == {"compatibilityLevel": "FORWARD_TRANSITIVE"}
    assert everything.told("DELETE", "/config") == {"compatibilityLevel": "FULL_TRANSITIVE"}
    assert everything.told("GET", "/config") == {"compatibilityLevel": "BACKWARD"}


def test_schemas_are_brought_in_with_their_numbers(maintainer: Caller) -> None:
    subject, schema = named(), unique("a")
    next_id = maintainer.registered(named(), unique("x")) + 1_000
    assert maintainer.refused(
        "POST", f"/subjects/{subject}/versions", {"schema": schema, "id": next_id, "version": 7}
    ) == (422, 42205)
    maintainer.told("PUT", f"/mode/{subject}", {"mode": "IMPORT"})

    assert maintainer.registered(subject, schema, id=next_id, version=7) == next_id

    assert maintainer.told("GET", f"/subjects/{subject}/versions") == [7]
    assert maintainer.refused("POST", f"/subjects/{subject}/versions", {"schema": unique("b")}) == (422, 42205)
    for taken in ({"id": next_id, "version": 8}, {"id": next_id + 1, "version": 7}):
        body = {"schema": unique("b"), **taken}
        assert maintainer.refused("POST", f"/subjects/{subject}/versions", body) == (422, 42205)
    assert maintainer.registered(named(), unique("c")) > next_id
    assert maintainer.refused("PUT", f"/mode/{subject}", {"mode": "IMPORT"}) == (422, 42205)
    assert maintainer.told("PUT", f"/mode/{subject}?force=True", {"mode": "IMPORT"}) == {"mode": "IMPORT"}


def test_every_change_is_written_down(maintainer: Caller, postgres: psycopg.Connection) -> None:
    subject = named()
    schema_id = maintainer.registered(subject, record("a"))
    maintainer.registered(subject, record("a"))
    maintainer.told("PUT", f"/config/{subject}", {"compatibility": "FULL"})
    maintainer.told("DELETE", f"/config/{subject}")
    maintainer.told("PUT", f"/mode/{subject}", {"mode": "READWRITE"})
    maintainer.told("DELETE", f"/mode/{subject}")
    maintainer.told("DELETE", f"/subjects/{subject}")
    maintainer.told("DELETE", f"/subjects/{subject}?permanent=true")

    rows = postgres.execute(
        "SELECT actor_id, role, action, version, schema_id, detail FROM registry_changes"
        " WHERE subject = %s ORDER BY id",
        (subject,),
    ).fetchall()

    who = ("somebody", "schema")
    assert rows == [
        (*who, "registered", 1, schema_id, ""),
        (*who, "config set", None, None, "compatibility=FULL"),
        (*who, "config removed", None, None, ""),
        (*who, "mode set", None, None, "READWRITE"),
        (*who, "mode removed", None, None, ""),
        (*who, "deleted", 1, schema_id, ""),
        (*who, "deleted permanently", 1, schema_id, ""),
    ]
