"""Whatever each kind of caller sends, the answer is one that the API's own document tells of.

Calls are good ones with something wrong in them, the same in every run: a value, a field, a parameter, an id.
"""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

import pytest
from apiflask import APIFlask
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from api.http.route_table import Route
from tests.integration.api.matrix.answers import Matrix, with_reason
from tests.integration.api.matrix.callers import Caller, Standing
from tests.integration.api.matrix.examples import NAME_NEW, File, address
from tests.integration.api.matrix.expectations import Outcome, Whose, expected

pytestmark = pytest.mark.servers

CALLS: Final = 100
CALLERS: Final = (
    "a visitor",
    "customer",
    "staff",
    "manager",
    "admin",
    "operator",
    "super_admin",
    "service",
    "schema",
    "a program",
    "a search key",
    "expired",
)
#: What is set there holds for every test of the stack.
FOR_ALL: Final = frozenset({"PUT /config", "PUT /mode", "DELETE /config", "DELETE /mode"})
JUNK: Final = (
    *(None, True, 0, -1, 1.5, 2**63, 10**40, "", " ", "a\0b", "\ud800", "x" * 3000, "2026-13-45", "' OR 1=1 --"),
    *(
        [],
        {},
        [None],
        [[[]]],
        {"": None},
        {"a": {"b": {"c": []}}},
        "00000000-0000-0000-0000-000000000000",
        "İ",
        "\u202e",
    ),
)


class Document:
    """What the API says of its answers."""

    def __init__(self, spec: Any) -> None:
        self._spec = spec
        self._validators: dict[str, Draft202012Validator] = {}

    @cached_property
    def calls(self) -> Mapping[str, Any]:
        paths = self._spec["paths"]
        return {f"{method.upper()} {path}": call for path, calls in paths.items() for method, call in calls.items()}

    def parameters(self, route: Route) -> list[Any]:
        return [one for one in self.calls[route.name].get("parameters", ()) if one["in"] == "query"]

    def objection(self, route: Route, answer: TestResponse) -> str | None:
        """What is wrong with an answer; None when the document tells of it."""
        told = self.calls[route.name]["responses"]
        said = told.get(str(answer.status_code)) or (told.get("default") if answer.status_code >= 400 else None)
        if said is None:
            return f"the document knows no {answer.status_code}"
        content = said.get("content") or {}
        if not content or answer.status_code == 204:
            return None
        kind = answer.content_type.partition(";")[0]
        if kind not in content:
            return f"the document knows no {kind} with {answer.status_code}" if "json" in kind else None
        if "json" not in kind or not content[kind].get("schema"):
            return None
        wrong = next(self._validator(content[kind]["schema"]).iter_errors(answer.get_json(force=True)), None)
        return None if wrong is None else f"{wrong.json_path}: {wrong.message}"[:300]

    def _validator(self, schema: Any) -> Draft202012Validator:
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = {**schema, "components": self._spec["components"]}
            self._validators[key] = Draft202012Validator(whole)
        return self._validators[key]


@pytest.fixture(scope="module")
def document(served: APIFlask) -> Document:
    return Document(served.spec)


@pytest.mark.parametrize("name", CALLERS)
def test_every_answer_is_one_the_document_tells_of(
    matrix: Matrix, routes: dict[str, Route], document: Document, name: str
) -> None:
    (caller,) = (one for one in matrix.callers if one.name == name)

    assert list(wrong(matrix, routes, document, caller)) == []


def wrong(matrix: Matrix, routes: dict[str, Route], document: Document, caller: Caller) -> Iterator[str]:
    chance = random.Random(caller.name)  # the same in every run
    for _ in range(CALLS):
        route = routes[chance.choice(sorted(routes.keys() - FOR_ALL))]
        whose = chance.choice([Whose.OWN, *matrix.examples.whose(route, caller)])
        values = matrix.examples.values(route, caller, whose)
        body = matrix.examples.body(route, caller, values)
        sent = None if body is None else mutated(body, chance)
        path = address(route, values) + question(document.parameters(route), chance)
        answer = matrix.client.open(
            path,
            method=route.method,
            headers=with_reason(caller),
            **({} if body is None else in_bytes(sent)),
        )
        for why in objections(route, caller, whose, document, answer):
            yield f"{route.method} {path[:200]} {sent!r:.200}: {answer.status_code} {why}"


def in_bytes(body: Any) -> dict[str, Any]:
    """A file as it is, anything else as JSON."""
    if isinstance(body, File):
        return {"data": body.content, "content_type": body.mimetype}
    return {"data": json.dumps(body).encode(), "content_type": "application/json"}


def objections(route: Route, caller: Caller, whose: Whose, document: Document, answer: TestResponse) -> Iterator[str]:
    status = answer.status_code
    if status >= 500:
        yield f"a fault: {answer.text[:200]}"
    if route.permission is not None:
        outcome = expected(route, caller, whose, names_new=route.name in NAME_NEW)
        if status == 401 and caller.standing is Standing.KNOWN and outcome is not Outcome.NOBODY:
            yield "who is known is nobody"
        let_in = caller.standing is Standing.KNOWN and caller.scope(route) is not None
        if not let_in and outcome in (Outcome.NOBODY, Outcome.FORBIDDEN) and not outcome.fits(status):
            yield f"{outcome.value} was due, whatever is sent"
    if why := document.objection(route, answer):
        yield why


def mutated(body: Any, chance: random.Random) -> Any:
    """The body as it is, one time in five; else with something in it that does not belong there."""
    if chance.random() < 0.2:
        return body
    return _changed(body, chance)


def _changed(node: Any, chance: random.Random) -> Any:
    if isinstance(node, dict) and node and chance.random() < 0.8:
        key = chance.choice(sorted(node))
        match chance.randrange(4):
            case 0:
                return {name: value for name, value in node.items() if name != key}
            case 1:
                return {**node, "unheard-of": chance.choice(JUNK)}
            case _:
                return {**node, key: _changed(node[key], chance)}
    if isinstance(node, File):
        at = chance.randrange(len(node.content))
        content = node.content[:at] + chance.randbytes(chance.randrange(20)) + node.content[at + chance.randrange(9) :]
        return replace(node, content=content)
    if isinstance(node, list) and node and chance.random() < 0.8:
        at = chance.randrange(len(node))
        return [*node[:at], _changed(node[at], chance), *node[at + 1 :]]
    return chance.choice(JUNK)


def question(parameters: list[Any], chance: random.Random) -> str:
    """Some of the parameters, most of them good."""
    asked = [f"{one['name']}={_value(one['schema'], chance)}" for one in parameters if chance.random() < 0.3]
    return f"?{'&'.join(asked)}" if asked else ""


def _value(schema: Any, chance: random.Random) -> str:
    if chance.random() < 0.3:
        return chance.choice(("", "-1", "0", "%00", "%ff", "9" * 40, "x" * 300, "null", "%F0%9F%98%80"))
    if "enum" in schema:
        return str(chance.choice(schema["enum"]))
    if "anyOf" in schema:
        return _value(schema["anyOf"][0], chance)
    match schema.get("type"):
        case "integer" | "number":
            return str(schema.get("minimum", 1))
        case "boolean":
            return chance.choice(("true", "false"))
    return "en"
