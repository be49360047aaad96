"""The OpenAPI document says of the registry what its routes read and answer."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
from apiflask import APIFlask

from api.registry import routes
from api.registry.calls import CALLS, QUERY
from api.registry.routes.answers import CONTENT_TYPE, TAG

READS: Final = re.compile(r"(?:flag|args\.get|args\.getlist|_number)\(\"(\w+)\"")


@pytest.fixture
def document(app: APIFlask) -> dict[str, Any]:
    return dict(app.spec)


@pytest.fixture
def calls(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By method and path."""
    return {
        f"{method} {path}": operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if operation["tags"] == [TAG]
    }


def test_every_call_is_described_and_no_other(registry: APIFlask) -> None:
    views = {name.partition(".")[2] for name in registry.view_functions}

    assert set(CALLS) == views


def test_every_parameter_that_is_read_is_described_and_no_other() -> None:
    sources = Path(str(routes.__file__)).parent.glob("*.py")
    read = {name for source in sources for name in READS.findall(source.read_text())}

    assert read == set(QUERY) == {name for call in CALLS.values() for name in call.query}


def test_what_is_sent_can_be_sent_from_the_page_as_it_stands(
    document: dict[str, Any], calls: dict[str, dict[str, Any]]
) -> None:
    sending = {name: call for name, call in calls.items() if name.startswith(("post", "put"))}

    assert len(sending) == 8
    for call in sending.values():
        name = call["requestBody"]["content"][CONTENT_TYPE]["schema"]["$ref"].rpartition("/")[2]
        assert len(document["components"]["schemas"][name]["examples"]) == 1


def test_answers_and_errors_have_a_shape(calls: dict[str, dict[str, Any]]) -> None:
    for name, call in calls.items():
        answer = call["responses"]["200"]["content"][CONTENT_TYPE]["schema"]
        assert answer or name.endswith("/schema")  # which is any Avro schema
        error = call["responses"]["default"]["content"]
        assert error[CONTENT_TYPE]["schema"] == {"$ref": "#/components/schemas/RegistryError"}
        assert "application/problem+json" not in error


def test_a_token_goes_as_a_bearer_or_as_a_password(document: dict[str, Any], calls: dict[str, dict[str, Any]]) -> None:
    assert {document["components"]["securitySchemes"][name]["scheme"] for name in ("token", "basic")} == {
        "bearer",
        "basic",
    }
    for name, call in calls.items():
        assert call["security"] == ([] if name == "get /" else [{"token": []}, {"basic": []}])


def test_each_section_is_there_once_and_has_calls(document: dict[str, Any]) -> None:
    used = {tag for calls in document["paths"].values() for call in calls.values() for tag in call["tags"]}
    told = [tag["name"] for tag in document["tags"]]

    assert len(told) == len(set(told))
    assert set(told) == used
    (registry,) = [tag for tag in document["tags"] if tag["name"] == TAG]
    assert "/contexts/" in registry["description"]
    assert "docs/schema-registry.md" in registry["description"]
