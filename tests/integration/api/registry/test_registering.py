"""Registering and looking up: one content, one id; a version for each that differs."""

import json

import pytest

from tests.integration.api.registry.calling import Caller, named, record, unique

pytestmark = pytest.mark.servers
KNOWS_MORE = {"Confluent-Accept-Unknown-Properties": "true"}


def test_a_schema_is_read_back_by_all_of_its_names(maintainer: Caller) -> None:
    subject, schema = named(), unique("a")

    schema_id = maintainer.registered(subject, schema)

    version = maintainer.told("GET", f"/subjects/{subject}/versions/latest")
    assert json.loads(version.pop("schema")) == json.loads(schema)
    guid = version.pop("guid")
    assert version == {"subject": subject, "version": 1, "id": schema_id}
    assert maintainer.told("GET", f"/schemas/guids/{guid}")["id"] == schema_id
    assert maintainer.told("GET", f"/schemas/guids/{guid}/ids") == [{"context": ".", "id": schema_id}]
    assert maintainer.told("GET", f"/schemas/ids/{schema_id}")["guid"] == guid
    assert maintainer.told("GET", f"/schemas/ids/{schema_id}/schema") == json.loads(schema)
    assert maintainer.told("GET", f"/subjects/{subject}/versions/1/schema") == json.loads(schema)
    assert maintainer.told("GET", f"/schemas/ids/{schema_id}/subjects") == [subject]


def test_the_same_content_has_one_id_and_no_second_version(maintainer: Caller) -> None:
    subject, other, schema = named(), named(), unique("a")

    ids = {
        maintainer.registered(subject, schema),
        maintainer.registered(subject, json.dumps(json.loads(schema), indent=2)),
    }

    assert ids == {maintainer.registered(other, schema)}
    assert maintainer.told("GET", f"/subjects/{subject}/versions") == [1]


def test_a_subject_may_have_any_name(maintainer: Caller) -> None:
    schema, shop = unique("a"), named()

    schema_id = maintainer.registered(f"{shop}%2Feu%2Forders-value", schema)
    maintainer.registered(f"{shop} 100%25 %C3%BC", schema)

    used = maintainer.told("GET", f"/schemas/ids/{schema_id}/subjects")
    assert used == [f"{shop} 100% ü", f"{shop}/eu/orders-value"]
    assert maintainer.told("GET", f"/subjects/{shop}%2Feu%2Forders-value/versions") == [1]
    assert maintainer.refused("GET", f"/subjects/{shop}/eu/orders-value/versions") == (404, 404)


def test_a_lookup_says_which_version_it_is(maintainer: Caller, service: Caller) -> None:
    subject, schema = named(), unique("a")
    maintainer.registered(subject, schema)

    assert service.told("POST", f"/subjects/{subject}", {"schema": schema})["version"] == 1
    assert service.refused("POST", f"/subjects/{subject}", {"schema": unique("b")}) == (404, 40403)
    assert service.refused("POST", f"/subjects/{named()}", {"schema": schema}) == (404, 40401)


def test_normalizing_finds_what_is_written_in_another_way(maintainer: Caller) -> None:
    subject, schema = named(), json.loads(unique("a"))
    wordy = json.dumps({**schema, "namespace": "n", "name": f"n.{schema['name']}"})
    plain = json.dumps({**schema, "namespace": "n"})
    told = maintainer.told("POST", f"/subjects/{subject}/versions?normalize=True", {"schema": wordy})

    assert (
        maintainer.told("POST", f"/subjects/{subject}?normalize=true&deleted=False", {"schema": plain})["id"]
        == told["id"]
    )


def test_a_client_that_knows_more_is_told_more(maintainer: Caller) -> None:
    subject, schema = named(), unique("a")

    told = maintainer.told("POST", f"/subjects/{subject}/versions", {"schema": schema}, **KNOWS_MORE)

    assert set(told) == {"subject", "version", "id", "guid", "schema"}
    assert set(maintainer.told("POST", f"/subjects/{subject}/versions", {"schema": schema})) == {"id"}


def test_metadata_and_rules_are_part_of_a_version_and_go_on(maintainer: Caller) -> None:
    subject, name = named(), unique("a")
    metadata, rules = {"properties": {"owner": "stock"}}, {"domainRules": [{"name": "r", "kind": "CONDITION"}]}
    bare = maintainer.registered(named(), name)

    first = maintainer.registered(subject, name, metadata=metadata, ruleSet=rules)
    added = json.loads(name)
    added["fields"].append({"name": "b", "type": "int", "default": 0})
    maintainer.registered(subject, json.dumps(added))

    latest = maintainer.told("GET", f"/subjects/{subject}/versions/latest")
    assert first != bare
    assert (latest["version"], latest["metadata"], latest["ruleSet"]) == (2, metadata, rules)
    assert maintainer.told("POST", f"/subjects/{subject}", {"schema": name})["version"] == 1
    assert maintainer.told("GET", f"/subjects/{subject}/metadata?key=owner&value=stock")["version"] == 2
    assert maintainer.refused("GET", f"/subjects/{subject}/metadata?key=owner&value=x") == (404, 40402)


def test_references_are_followed_and_keep_what_they_refer_to(maintainer: Caller) -> None:
    whole, part, middle = named(), named(), named()
    maintainer.registered(part, record("a", name="n.Part"))
    to_part = {"name": "n.Part", "subject": part, "version": 1}
    to_middle = {"name": "n.Middle", "subject": middle, "version": 1}
    refers = {"type": "record", "name": "n.Middle", "fields": [{"name": "part", "type": "n.Part"}]}
    further = {
        "type": "record",
        "name": f"n.{named('W').replace('-', '')}",
        "fields": [{"name": "m", "type": "n.Middle"}],
    }

    middle_id = maintainer.registered(middle, json.dumps(refers), references=[to_part])
    maintainer.registered(whole, json.dumps(further), references=[to_middle])

    assert maintainer.told("GET", f"/schemas/ids/{middle_id}")["references"] == [to_part]
    assert middle_id in maintainer.told("GET", f"/subjects/{part}/versions/1/referencedby")
    assert maintainer.refused("DELETE", f"/subjects/{part}/versions/1") == (422, 42206)
    assert maintainer.refused("DELETE", f"/subjects/{part}") == (422, 42206)
    missing = {"schema": json.dumps(further), "references": [{**to_part, "version": 9}]}
    assert maintainer.refused("POST", f"/subjects/{named()}/versions", missing) == (422, 42201)


def test_references_may_be_written_into_the_text(maintainer: Caller) -> None:
    part, whole = named(), named()
    name = f"n.W{named('').replace('-', '')}"
    maintainer.registered(part, '{"type": "fixed", "name": "n.Part", "size": 4}')
    fields = [{"name": one, "type": "n.Part"} for one in "ab"]
    refers = json.dumps({"type": "record", "name": name, "fields": fields})
    to_part = {"name": "n.Part", "subject": part, "version": 1}
    schema_id = maintainer.registered(whole, refers, references=[to_part])

    told = maintainer.told("GET", f"/schemas/ids/{schema_id}?format=resolved")

    first, second = json.loads(told["schema"])["fields"]
    assert (first["type"], second["type"]) == ({"type": "fixed", "name": "Part", "size": 4}, "Part")
    assert told["references"] == [to_part]
    assert maintainer.told("GET", f"/subjects/{whole}/versions/1?format=resolved")["schema"] == told["schema"]
    assert maintainer.told("POST", f"/subjects/{whole}", {"schema": told["schema"]})["id"] == schema_id
    assert maintainer.registered(whole, told["schema"]) == schema_id


def test_what_does_not_follow_is_refused_and_the_reason_told(maintainer: Caller) -> None:
    subject, one = named(), json.loads(record("a"))
    maintainer.registered(subject, json.dumps(one))
    wrong = {"schema": json.dumps({**one, "fields": [*one["fields"], {"name": "b", "type": "int"}]})}

    assert maintainer.refused("POST", f"/subjects/{subject}/versions", wrong) == (409, 409)
    path = f"/compatibility/subjects/{subject}/versions"
    assert maintainer.told("POST", f"{path}/latest", wrong) == {"is_compatible": False}
    told = maintainer.told("POST", f"{path}?verbose=True", wrong)
    assert not told["is_compatible"]
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in told["messages"][0]
    assert maintainer.told("POST", f"/compatibility/subjects/{named()}/versions/latest", wrong) == {
        "is_compatible": True
    }
    assert maintainer.refused("POST", f"{path}/7", wrong) == (404, 40402)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"schema": "{"}, 42201),
        ({"schema": ""}, 42201),
        ({}, 42201),
        ({"schema": '{"type": "record"}'}, 42201),
        ({"schema": "syntax = 'proto3';", "schemaType": "PROTOBUF"}, 42201),
        ({"schema": '"int"', "colour": "red"}, 422),
        ({"schema": '"int"', "references": [{"name": "x"}]}, 422),
    ],
)
def test_what_is_no_schema_is_refused(maintainer: Caller, body: object, code: int) -> None:
    assert maintainer.refused("POST", f"/subjects/{named()}/versions", body) == (422, code)


@pytest.mark.parametrize("subject", ["__GLOBAL", "a%00b", ":.%20:a", "x" * 256])
def test_what_is_no_subject_is_refused(maintainer: Caller, subject: str) -> None:
    assert maintainer.refused("POST", f"/subjects/{subject}/versions", {"schema": '"int"'}) == (422, 42208)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/subjects/a%00b/versions", None),
        ("GET", "/subjects/a/versions/1%00", None),
        ("GET", "/subjects?subjectPrefix=%00", None),
        ("GET", "/contexts/%00/subjects", None),
        ("GET", "/subjects?limit=x", None),
        ("DELETE", "/mode/a%00b", None),
        ("PUT", "/config/a", {"alias": "\0"}),
        ("POST", "/subjects/a", {"schema": '"int"', "references": [{"name": "a", "subject": "b", "version": True}]}),
        ("POST", "/subjects/a", {"schema": '"int"', "references": [{"name": "a", "subject": "b", "version": 2**40}]}),
        ("POST", "/subjects/a", {"schema": '"int"', "references": [{"name": "a", "subject": "\0", "version": 1}]}),
        ("POST", "/subjects/a", {"schema": '"int"', "metadata": {"properties": [1]}}),
        ("POST", "/subjects/a", {"schema": '"int"', "id": True}),
        ("POST", "/subjects/a", ["schema"]),
    ],
)
def test_what_makes_no_sense_is_the_callers_mistake(maintainer: Caller, method: str, path: str, body: object) -> None:
    assert maintainer.refused(method, path, body)[0] == 422


def test_lists_are_cut_and_filtered(maintainer: Caller) -> None:
    prefix, schema = named(), unique("a")
    for end in "abc":
        maintainer.registered(f"{prefix}-{end}", schema)
    maintainer.told("DELETE", f"/subjects/{prefix}-c")

    asked = f"/subjects?subjectPrefix={prefix}"
    assert maintainer.told("GET", asked) == [f"{prefix}-a", f"{prefix}-b"]
    assert maintainer.told("GET", f"{asked}&deleted=True") == [f"{prefix}-{end}" for end in "abc"]
    assert maintainer.told("GET", f"{asked}&deletedOnly=true") == [f"{prefix}-c"]
    assert maintainer.told("GET", f"{asked}&offset=1&limit=1") == [f"{prefix}-b"]
    schemas = maintainer.told("GET", f"/schemas?subjectPrefix={prefix}&latestOnly=True&deleted=True")
    assert [(one["subject"], one.get("deleted")) for one in schemas] == [
        (f"{prefix}-a", None),
        (f"{prefix}-b", None),
        (f"{prefix}-c", True),
    ]
