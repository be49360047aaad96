"""What a shop wrote is read without JavaScript: pages from the foot, posts from their list, both from the search."""

from collections.abc import Callable

import pytest

from tests.integration.api.shops import Shop, opened_shop
from tests.integration.api.storefront.browser import Browser
from tests.integration.api.storefront.conftest import AWKWARD
from tests.integration.api.storefront.test_pages import sound

pytestmark = pytest.mark.servers


def test_a_page_is_read_from_the_foot_of_any_page_and_leads_to_those_below(browse: Callable[..., Browser]) -> None:
    browser = browse()
    start = sound(browser.get("/shop/en/cart"))
    page = sound(browser.get(start.links["Delivery & returns"]))
    below = sound(browser.get(page.links["Abroad"]))

    assert "<h2>Soon</h2>" in page.html
    assert "<em>two</em> days" in page.html
    assert "<script>alert" not in page.html
    assert 'content="When it comes"' in page.html
    assert "Abroad" not in start.links
    assert "Farther." in below.text
    assert "Unfinished" not in start.text


def test_a_page_has_an_address_in_each_language_and_leads_on_from_an_old_one(browse: Callable[..., Browser]) -> None:
    german = sound(browse().get("/shop/de/pages/delivery"))
    hebrew = sound(browse().get("/shop/he/pages/delivery"))
    moved = sound(browse().get("/shop/en/pages/shipping"))

    assert "Lieferung" in german.text
    assert 'hreflang="de"' in german.html
    assert '<article class="written" lang="en">' in hebrew.html
    assert "Delivery & returns" in moved.text
    sound(browse().get("/shop/en/pages/unfinished"), 404)
    sound(browse().get("/shop/en/posts/delivery"), 404)


def test_posts_are_listed_newest_first_a_page_at_a_time(browse: Callable[..., Browser]) -> None:
    browser = browse()
    first = sound(browser.get(browser.get("/shop/en/").links["News"]))
    second = sound(browser.get(first.links["Older"]))
    post = sound(browser.get(first.links[AWKWARD]))

    assert list(first.links).index(AWKWARD) < list(first.links).index("News 9")
    assert "News 0" in second.links
    assert "Older" not in second.links
    assert AWKWARD in post.text
    assert "Nothing happened." in post.text


def test_a_search_shows_pages_about_it_beside_products(browse: Callable[..., Browser]) -> None:
    found = sound(browse().get("/shop/en/?q=days"))
    nothing = sound(browse().get("/shop/en/?q=cheese"))

    assert "Pages about this" in found.text
    assert 'href="/shop/en/pages/delivery"' in found.html.partition('id="written"')[2]
    assert "<mark>days</mark>" in found.html
    assert "Pages about this" not in nothing.text


def test_a_shop_without_pages_has_nothing_of_them_at_its_foot(app, tokens) -> None:  # type: ignore[no-untyped-def]  # fixtures
    empty: Shop = opened_shop(app.test_client(), tokens)
    browser = Browser(app.test_client(), str(empty.tenant["domains"][0]))

    assert "News" not in sound(browser.get("/shop/en/cart")).links
    assert "There is no news yet." in sound(browser.get("/shop/en/posts")).text
