"""The pages are there when they are switched on, and say so when what they ask does not answer."""

from dataclasses import replace

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from api.app import create_app
from api.http.dependencies import EXTENSION
from api.storefront.words import Words
from ops.settings import Settings
from sinks.freshness import Freshness
from tests.api.conftest import SHOP, ReadModel

HOST = {"Host": SHOP.domains[0]}
WORDS = Words(SHOP.default_locale)


@pytest.fixture
def pages(app: APIFlask) -> FlaskClient:
    return create_app(replace(app.extensions[EXTENSION], storefront=True)).test_client()


def test_pages_are_served_where_they_are_switched_on(client: FlaskClient, pages: FlaskClient) -> None:
    script = pages.get("/shop/assets/storefront.js")

    assert client.get("/shop/assets/storefront.js").status_code == 404
    assert (script.status_code, script.mimetype) == (200, "text/javascript")
    assert len(script.data) < 12_000
    assert pages.get("/shop/assets/storefront.js", headers={"If-None-Match": script.headers["ETag"]}).status_code == 304
    assert pages.get("/shop/assets/../app.py").status_code == 404


def test_in_production_they_are_off_unless_it_is_said() -> None:
    assert Settings(environment="development").storefront
    assert not Settings(environment="production").storefront
    assert Settings(environment="production", storefront=True).storefront


def test_a_store_that_is_away_is_a_503_in_words(pages: FlaskClient) -> None:
    answer = pages.get(f"/shop/{SHOP.default_locale}/", headers=HOST)

    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert WORDS.error_503 in answer.text
    assert int(answer.headers["Retry-After"]) >= 1


def test_the_foot_of_a_page_never_says_more_than_the_search_does(pages: FlaskClient, read_model: ReadModel) -> None:
    address = f"/shop/{SHOP.default_locale}/?q=cheese"
    fresh = pages.get(address, headers=HOST).text
    read_model.freshness = Freshness({})
    unknown = pages.get(address, headers=HOST).text

    assert 'datetime="' in fresh
    assert WORDS.state_unknown not in fresh
    assert 'datetime="' not in unknown
    assert WORDS.state_unknown in unknown
