"""What did a registry answer, so that it can be set beside another's? Ids by their order, errors by their code."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.integration.apicurio.stories import Step

#: Attributes that are a server's own words, or not of the question.
OWN_WORDS = ("message", "guid", "messages", "ts")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str

    def __str__(self) -> str:
        return f"{self.status} {self.body}"


def ask(client: httpx.Client, steps: Sequence[Step], unique: str) -> dict[str, Answer]:
    """By the title of each step. A story's subject is its name and `unique`."""
    answers: dict[str, Answer] = {}
    stories = dict.fromkeys(step.story for step in steps)
    for place, story in enumerate(stories):
        subject, ids = f"{unique}-{place}", _Ids()
        for step in (one for one in steps if one.story == story):
            answers[step.title] = _asked(client, step, subject, ids)
    return answers


class _Ids:
    """Ids are each registry's own: what counts is which are the same."""

    def __init__(self) -> None:
        self._seen: list[int] = []

    @property
    def first(self) -> int:
        return self._seen[0] if self._seen else 0

    def __call__(self, found: int) -> str:
        if found not in self._seen:
            self._seen.append(found)
        return f"#{self._seen.index(found) + 1}"


def _asked(client: httpx.Client, step: Step, subject: str, ids: _Ids) -> Answer:
    path = step.path.replace("{s}", subject).replace("{id}", str(ids.first))
    body = None if step.body is None else json.dumps(step.body).replace("{s}", subject)
    headers = {"Content-Type": "application/vnd.schemaregistry.v1+json"}
    try:
        answer = client.request(step.method, path, content=body, headers=headers)
    except httpx.ReadTimeout:
        return Answer(0, '"no answer"')
    try:
        told: Any = answer.json()
    except json.JSONDecodeError:
        told = "no JSON"
    if step.path.endswith("/referencedby") and isinstance(told, list):
        told = [{"id": one} for one in told]
    shown = json.dumps(_comparable(told, ids), sort_keys=True).replace(subject, "{s}")
    return Answer(answer.status_code, shown)


def _comparable(told: Any, ids: _Ids) -> Any:
    match told:
        case {"error_code": code}:
            return {"error_code": code}
        case dict():
            return {key: _value(key, value, ids) for key, value in told.items() if key not in OWN_WORDS}
        case list():
            return [_comparable(one, ids) for one in told]
        case _:
            return told


def _value(key: str, value: Any, ids: _Ids) -> Any:
    if key == "id" and isinstance(value, int):
        return ids(value)
    if key == "schema" and isinstance(value, str):
        return json.loads(value)
    return _comparable(value, ids)
