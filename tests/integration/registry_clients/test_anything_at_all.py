"""Whatever is sent to the registry, it answers in its own words: never a crash, never an error without a code."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from zlib import crc32

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.domain.permissions import Role
from tests.api.registry.avro.pairs import schemas
from tests.integration.registry_clients.serving import serving
from tests.support.stack import Stack

pytestmark = pytest.mark.servers

PATHS = (
    "/subjects/{}",
    "/subjects/{}/versions",
    "/subjects/{}/versions/{}",
    "/subjects/{}/versions/{}/schema",
    "/subjects/{}/versions/{}/referencedby",
    "/subjects/{}/metadata",
    "/schemas/ids/{}",
    "/schemas/ids/{}/versions",
    "/schemas/guids/{}",
    "/compatibility/subjects/{}/versions",
    "/compatibility/subjects/{}/versions/{}",
    "/config/{}",
    "/mode/{}",
    "/contexts/{}/subjects/{}/versions",
    "/schemas",
    "/subjects",
    "/config",
    "/mode",
)
METHODS = ("GET", "POST", "PUT", "DELETE")
SOME = settings(
    derandomize=True, max_examples=250, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=8,
)
words = st.text(min_size=1, max_size=12) | st.sampled_from(
    ("1", "-1", "latest", "0", "99999999999", "a/b", ":.c:s", ":*:", "%")
)
avro_texts = st.one_of(schemas().map(json.dumps), any_json.map(json.dumps), st.text(max_size=12))
references = st.lists(
    st.fixed_dictionaries({"name": any_json, "subject": words | any_json, "version": st.integers() | any_json})
    | any_json,
    max_size=2,
)
proposals = st.fixed_dictionaries(
    {"schema": avro_texts | any_json},
    optional={
        "schemaType": st.sampled_from(("AVRO", "JSON", None)) | any_json,
        "references": references | any_json,
        "metadata": st.fixed_dictionaries({"properties": any_json}) | any_json,
        "ruleSet": any_json,
        "id": st.integers() | any_json,
        "version": st.integers() | any_json,
    },
)
rules = st.dictionaries(
    st.sampled_from(("compatibility", "compatibilityLevel", "mode", "normalize", "alias", "compatibilityGroup")),
    st.sampled_from(("FULL", "IMPORT", "readonly", True)) | any_json,
    max_size=3,
)
bodies = st.one_of(proposals, proposals, rules, any_json).map(lambda body: json.dumps(body).encode()) | st.binary(
    max_size=20
)
queries = st.dictionaries(
    st.sampled_from(
        ("deleted", "permanent", "normalize", "verbose", "offset", "limit", "subjectPrefix", "force", "format")
    ),
    st.sampled_from(("true", "-1", "x", "999999999999999999999")) | words,
    max_size=2,
)


@pytest.fixture(scope="module")
def client(servers: Stack) -> Iterator[httpx.Client]:
    """Of a registry nobody else has to live with."""
    with serving(servers) as registry, registry.client(Role.SCHEMA) as client:
        yield client


@SOME
@given(st.data())
def test_nothing_makes_it_crash(client: httpx.Client, data: st.DataObject) -> None:
    template = data.draw(st.sampled_from(PATHS))
    path = template.format(*(quote(data.draw(words), safe="") for _ in range(template.count("{}"))))
    method, query = data.draw(st.sampled_from(METHODS)), data.draw(queries)
    body = None if method in ("GET", "DELETE") else data.draw(bodies)

    answer = client.request(method, path, params=query, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code < 500, answer.text
    if answer.is_error:
        assert_told(answer.json())


@SOME
@given(avro_texts, st.booleans())
def test_every_text_is_a_schema_or_is_refused_as_none(client: httpx.Client, text: str, normalize: bool) -> None:
    path = f"/subjects/any-{crc32(text.encode())}/versions"

    answer = client.post(path, params={"normalize": normalize}, json={"schema": text})

    assert answer.status_code == 200 or answer.json()["error_code"] == 42201


def assert_told(told: Any) -> None:
    assert isinstance(told["error_code"], int)
    assert told["message"]
