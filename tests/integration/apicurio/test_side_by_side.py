"""The same requests to our registry and to Apicurio's: the same answers, but for what the page explains."""

from collections.abc import Iterator
from secrets import token_hex

import httpx
import pytest

from api.domain.permissions import Role
from tests.docs.pages import ROOT
from tests.integration.apicurio.asking import Answer, ask
from tests.integration.apicurio.differences import DIFFERENCES
from tests.integration.apicurio.server import VERSION
from tests.integration.apicurio.stories import stories
from tests.integration.registry_clients.serving import serving
from tests.support.stack import Stack

pytestmark = [pytest.mark.servers, pytest.mark.slow]
PAGE = ROOT / "docs" / "registry-compared.md"

Answers = dict[str, tuple[Answer, Answer]]


@pytest.fixture(scope="module")
def both(servers: Stack, apicurio: httpx.Client) -> Iterator[Answers]:
    steps, unique = list(stories()), f"u{token_hex(4)}"
    with serving(servers) as registry, registry.client(Role.SCHEMA) as client:
        ours, theirs = ask(client, steps, unique), ask(apicurio, steps, unique)
        yield {title: (ours[title], theirs[title]) for title in ours}


def test_every_difference_is_explained(both: Answers) -> None:
    unexplained = [
        f"{title}\n  ours    {ours}\n  theirs  {theirs}"
        for title, (ours, theirs) in both.items()
        if ours != theirs and not any(one.explains(title, ours, theirs) for one in DIFFERENCES)
    ]

    assert not unexplained, "\n".join(unexplained)


def test_every_explanation_is_of_a_difference(both: Answers) -> None:
    idle = [
        one.title
        for one in DIFFERENCES
        if not any(ours != theirs and one.explains(title, ours, theirs) for title, (ours, theirs) in both.items())
    ]

    assert not idle


def test_the_page_has_every_explanation_and_no_other() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and line.count(" | `") == 2]

    assert rows == [one.row for one in DIFFERENCES]


def test_most_answers_are_the_same(both: Answers) -> None:
    same = sum(ours == theirs for ours, theirs in both.values())

    assert same > 0.7 * len(both) > 150
    assert f"Apicurio {VERSION}: {same} of {len(both)} answers are the same" in PAGE.read_text()
