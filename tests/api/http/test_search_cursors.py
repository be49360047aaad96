"""What is answered to a cursor that nothing can be done with any more."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from sinks.opensearch.point_holders import Holder
from sinks.opensearch.points_in_time import PointLost, PointsTaken
from sinks.search.found_products import FoundPage
from sinks.search.product_pages import Place, QuestionChanged, Walk
from sinks.search.product_query import ProductQuery
from sinks.search.word_clauses import Match
from tests.api.conftest import NOW, SHOP, ReadModel

Header = Callable[..., dict[str, str]]
PATH = "/v1/search/products?q=bread&cursor="


@dataclass
class Paged(ReadModel):
    """Every page has one behind it, unless something is `wrong`."""

    opened_at: Any = NOW
    wrong: Exception | None = None
    holders: list[Holder] = field(default_factory=list)

    def first_page(self, query: ProductQuery, holder: Holder) -> FoundPage:
        walk = Walk(
            id=uuid4(),
            point="point",
            opened_at=self.opened_at,
            as_of=self.freshness.as_of,
            state="fresh",
            match=Match.ALL,
            others=90,
            asked="",
        )
        return self._page(query, Place(walk=walk, number=1, shown=0, after=()), holder)

    def next_page(self, query: ProductQuery, place: Place, holder: Holder) -> FoundPage:
        return self._page(query, place, holder)

    def _page(self, query: ProductQuery, place: Place, holder: Holder) -> FoundPage:
        self.holders.append(holder)
        if self.wrong is not None:
            raise self.wrong
        behind = replace(place, number=place.number + 1, shown=place.shown + 20, after=(place.number,))
        return FoundPage(self.search(query), place.walk, place.number, behind)


@pytest.fixture
def read_model() -> Paged:
    return Paged()


def ask(client: FlaskClient, headers: dict[str, str], cursor: str, more: str = "") -> Any:
    return client.get(f"{PATH}{cursor}{more}", headers=headers)


def test_pages_are_numbered_and_have_one_name(client: FlaskClient, as_role: Header, read_model: Paged) -> None:
    first = ask(client, as_role("customer"), "*").json
    second = ask(client, as_role("customer"), first["next_cursor"], "&facets=none&per_page=7&session=s").json

    assert (first["page"], second["page"], second["per_page"]) == (1, 2, 7)
    assert first["query_id"] == second["query_id"]
    assert read_model.holders == [Holder(SHOP.id, f"{SHOP.id} somebody")] * 2
    assert [query.now for query in read_model.asked if isinstance(query, ProductQuery)] == [NOW, NOW]


def test_pages_by_cursor_may_be_longer(client: FlaskClient, as_role: Header) -> None:
    def told(more: str) -> tuple[int, str | None]:
        answer: Any = client.get(f"/v1/search/products?{more}", headers=as_role("customer"))
        return answer.status_code, answer.json["errors"][0]["field"] if answer.status_code == 422 else None

    assert told("per_page=1000&cursor=*") == (200, None)
    assert told("per_page=1001&cursor=*") == (422, "per_page")
    assert told("per_page=100") == (200, None)
    assert told("per_page=101") == (422, "per_page")


def test_a_walk_of_more_than_an_hour_begins_anew(client: FlaskClient, as_role: Header, read_model: Paged) -> None:
    read_model.opened_at = NOW - timedelta(hours=1)
    just_in_time = ask(client, as_role("customer"), "*").json["next_cursor"]
    read_model.opened_at = NOW - timedelta(hours=1, seconds=1)
    too_late = ask(client, as_role("customer"), "*").json["next_cursor"]

    assert ask(client, as_role("customer"), just_in_time).status_code == 200
    refused = ask(client, as_role("customer"), too_late)

    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "ended")
    assert "begin anew" in refused.json["errors"][0]["message"]


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [(PointLost(), 422, "ended"), (QuestionChanged(), 422, "changed"), (PointsTaken(), 503, "too_many_cursors")],
)
def test_what_cannot_be_gone_on_with_is_said(
    client: FlaskClient, as_role: Header, read_model: Paged, wrong: Exception, status: int, code: str
) -> None:
    cursor = ask(client, as_role("customer"), "*").json["next_cursor"]
    read_model.wrong = wrong

    refused = ask(client, as_role("customer"), cursor)

    told = refused.json["errors"][0]["code"] if status == 422 else refused.json["code"]
    assert (refused.status_code, told) == (status, code)
    assert ("Retry-After" in refused.headers) == (status == 503)
