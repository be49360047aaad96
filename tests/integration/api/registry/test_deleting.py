"""Deleting in two steps, and what stays: ids and numbers are never given away twice."""

import json

import pytest

from tests.integration.api.registry.calling import Caller, named, record, unique

pytestmark = pytest.mark.servers


def test_a_deleted_version_is_not_offered_but_its_records_are_read(maintainer: Caller) -> None:
    subject, schema = named(), unique("a")
    schema_id = maintainer.registered(subject, schema)

    assert maintainer.told("DELETE", f"/subjects/{subject}/versions/latest") == 1

    assert maintainer.refused("GET", f"/subjects/{subject}/versions") == (404, 40401)
    assert maintainer.refused("GET", f"/subjects/{subject}/versions/latest") == (404, 40401)
    assert maintainer.told("GET", f"/subjects/{subject}/versions?deleted=true") == [1]
    assert maintainer.told("GET", f"/subjects/{subject}/versions/1?deleted=true")["deleted"]
    assert json.loads(maintainer.told("GET", f"/schemas/ids/{schema_id}")["schema"]) == json.loads(schema)
    assert maintainer.told("POST", f"/subjects/{subject}?deleted=true", {"schema": schema})["version"] == 1


def test_for_good_comes_second(maintainer: Caller) -> None:
    subject = named()
    maintainer.registered(subject, unique("a"))

    assert maintainer.refused("DELETE", f"/subjects/{subject}?permanent=true") == (404, 40405)
    assert maintainer.refused("DELETE", f"/subjects/{subject}/versions/1?permanent=true") == (404, 40407)
    assert maintainer.told("DELETE", f"/subjects/{subject}") == [1]
    assert maintainer.refused("DELETE", f"/subjects/{subject}") == (404, 40404)
    assert maintainer.refused("DELETE", f"/subjects/{subject}/versions/1") == (404, 40406)
    assert maintainer.told("DELETE", f"/subjects/{subject}?permanent=true") == [1]
    assert maintainer.refused("DELETE", f"/subjects/{subject}") == (404, 40401)


def test_numbers_are_never_given_away_twice(maintainer: Caller) -> None:
    subject, schema = named(), unique("a")
    first = maintainer.registered(subject, schema)
    maintainer.told("GET", f"/schemas/ids/{first}")
    maintainer.told("DELETE", f"/subjects/{subject}")
    maintainer.told("DELETE", f"/subjects/{subject}?permanent=True")
    assert maintainer.refused("GET", f"/schemas/ids/{first}") == (404, 40403)

    other = maintainer.registered(subject, unique("b"))
    again = maintainer.registered(named(), schema)

    assert other > first
    assert again == first
    assert maintainer.told("GET", f"/subjects/{subject}/versions") == [2]


def test_a_schema_that_comes_back_is_a_new_version_with_its_old_id(maintainer: Caller) -> None:
    subject, schema = named(), unique("a")
    first = maintainer.registered(subject, schema)
    maintainer.told("DELETE", f"/subjects/{subject}/versions/1")

    assert maintainer.registered(subject, schema) == first
    assert maintainer.told("GET", f"/subjects/{subject}/versions") == [2]


def test_what_a_deleted_version_refers_to_does_not_go_for_good(maintainer: Caller) -> None:
    part, whole = named(), named()
    maintainer.registered(part, record("a", name="p.Part"))
    refers = {"type": "record", "name": "p.Whole", "fields": [{"name": "part", "type": "p.Part"}]}
    maintainer.registered(whole, json.dumps(refers), references=[{"name": "p.Part", "subject": part, "version": 1}])
    maintainer.told("DELETE", f"/subjects/{whole}")
    maintainer.told("DELETE", f"/subjects/{part}")

    assert maintainer.refused("DELETE", f"/subjects/{part}?permanent=true") == (422, 42206)
    maintainer.told("DELETE", f"/subjects/{whole}?permanent=true")
    assert maintainer.told("DELETE", f"/subjects/{part}?permanent=true") == [1]


def test_a_subjects_own_level_goes_with_it(maintainer: Caller) -> None:
    subject = named()
    maintainer.registered(subject, unique("a"))
    maintainer.told("PUT", f"/config/{subject}", {"compatibility": "NONE"})

    maintainer.told("DELETE", f"/subjects/{subject}")

    assert maintainer.refused("GET", f"/config/{subject}") == (404, 40408)
