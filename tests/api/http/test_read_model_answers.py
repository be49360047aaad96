from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from sinks.analytics.sales_questions import SalesQuery
from sinks.freshness import Freshness
from sinks.search.product_query import ProductQuery
from tests.api.conftest import SHOP, ReadModel

Header = Callable[..., dict[str, str]]


def test_an_answer_says_how_fresh_it_is(client: FlaskClient, as_role: Header) -> None:
    answer = client.get("/v1/search/products", headers=as_role("customer"))

    assert (answer.json["as_of"], answer.json["lag_ms"]) == ("2026-03-01T11:59:59.000Z", 1000)
    assert answer.headers["Rustok-As-Of"] == "2026-03-01T11:59:59.000Z"
    assert answer.json["state"] == "fresh"


@pytest.mark.parametrize(("why", "state"), [("building", "building"), ("gap: the slot was made anew", "gap")])
def test_an_answer_that_nobody_vouches_for_says_why_and_names_no_moment(
    client: FlaskClient, as_role: Header, read_model: ReadModel, why: str, state: str
) -> None:
    read_model.freshness = read_model.freshness.withholding(why)

    for path in ("/v1/search/products", "/v1/analytics/sales"):
        answer = client.get(path, headers=as_role("manager"))

        assert (answer.json["as_of"], answer.json["lag_ms"], answer.json["state"]) == (None, None, state)
        assert "Rustok-As-Of" not in answer.headers


def test_a_model_that_cannot_say_says_nothing(client: FlaskClient, as_role: Header, read_model: ReadModel) -> None:
    read_model.freshness = Freshness()

    answer = client.get("/v1/analytics/sales", headers=as_role("manager"))

    assert (answer.json["as_of"], answer.json["lag_ms"], answer.json["state"]) == (None, None, "unknown")


def test_a_search_is_asked_as_it_was_sent(client: FlaskClient, as_role: Header, read_model: ReadModel) -> None:
    category = uuid4()

    client.get(
        "/v1/search/products?q=blue+cheese&brand=Verde&brand=Rosso&price_min=100&price_max=900&sort=price_asc"
        f"&page=2&per_page=10&locale=de&category={category}&currency=USD&tag=eco&option=size:L&option=size:M"
        "&attribute=code:a:b&facets=tag&facet_size=7",
        headers=as_role("customer"),
    )

    assert read_model.asked == [
        ProductQuery(
            tenant_id=SHOP.id,
            text="blue cheese",
            locales=("de", "en"),
            currency="USD",
            category_id=category,
            brands=("Verde", "Rosso"),
            price_min_minor=100,
            price_max_minor=900,
            sort="price_asc",
            page=2,
            per_page=10,
            tags=("eco",),
            options={"size": ("L", "M")},
            attributes={"code": ("a:b",)},
            facets=frozenset({"tag"}),
            facet_size=7,
        )
    ]


def test_days_are_those_of_the_shop_where_nobody_says_otherwise(
    client: FlaskClient, as_role: Header, read_model: ReadModel
) -> None:
    answers = [client.get(f"/v1/analytics/sales{zone}", headers=as_role("manager")) for zone in ("", "?timezone=UTC")]

    assert [asked.timezone for asked in read_model.asked] == ["Europe/Berlin", "UTC"]
    assert [answer.json["timezone"] for answer in answers] == ["Europe/Berlin", "UTC"]


def test_sales_are_asked_as_they_were_sent(client: FlaskClient, as_role: Header, read_model: ReadModel) -> None:
    client.get(
        "/v1/analytics/sales?from=2026-01-01&to=2026-01-31&by=week&split=department&timezone=Europe/Berlin",
        headers=as_role("manager"),
    )

    assert read_model.asked == [
        SalesQuery(
            tenant_id=SHOP.id,
            first_day=date(2026, 1, 1),
            last_day=date(2026, 1, 31),
            by="week",
            split_category=True,
            timezone="Europe/Berlin",
        )
    ]
