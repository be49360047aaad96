"""Pages and values to choose from are shown as a visitor reads them."""

from dataclasses import replace

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from api.storefront.asked_search import AskedSearch
from api.storefront.shown_search import facets_of, pages_of
from api.storefront.visit import Visit
from tests.api.conftest import SHOP

TOLD = {"incomplete": [], "categories": [], "brands": [], "tags": [], "options": []}


def visit(locale: str = "en") -> Visit:
    return Visit(shop=SHOP, locale=locale, request=Request(EnvironBuilder("/shop/en/").get_environ()))


@pytest.mark.parametrize(
    ("page", "total", "shown"),
    [
        (1, 24, ""),
        (1, 25, "1 2"),
        (1, 142, "1 2 3 … 6"),
        (4, 142, "1 2 3 4 5 6"),
        (5, 240, "1 … 3 4 5 6 7 … 10"),
        (1, 100_000, "1 2 3 … 416"),
    ],
)
def test_a_gap_between_pages_is_seen(page: int, total: int, shown: str) -> None:
    links = pages_of(visit(), replace(AskedSearch(), page=page), total, "")

    assert " ".join(f"… {one.number}" if one.behind_gap else f"{one.number}" for one in links) == shown
    assert [one.number for one in links if one.current] == ([page] if shown else [])


def test_yes_and_no_are_words_and_other_values_are_as_they_are() -> None:
    counted = [{"value": value, "label": value, "count": 1} for value in ("true", "false")]
    told = TOLD | {
        "attributes": [
            {"name": "organic", "values": counted},
            {"name": "answer", "values": [*counted, {"value": "maybe", "label": "maybe", "count": 1}]},
        ]
    }

    organic, answer = facets_of(visit("de"), AskedSearch(), told, in_category=False)

    assert [(one.value, one.label) for one in organic.values] == [("organic:true", "ja"), ("organic:false", "nein")]
    assert [one.label for one in answer.values] == ["true", "false", "maybe"]
