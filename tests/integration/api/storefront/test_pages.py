"""Whoever has no JavaScript finds, chooses, orders and pays; nothing of a shop's texts is taken for a page's own."""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from apiflask import APIFlask

from api.http.dependencies import EXTENSION
from api.storefront.words import Words
from tests.integration.api.search_logs import search_logs_of
from tests.integration.api.shops import Shop
from tests.integration.api.storefront.browser import Browser, Page
from tests.integration.api.storefront.conftest import AWKWARD, BY_WEIGHT, SIGNED

pytestmark = pytest.mark.servers


def sound(page: Page, status: int = 200) -> Page:
    """Written well, nothing inline, kept by nobody, and allowed to do no more than it needs."""
    assert page.status == status, page.text
    assert page.problems == []
    assert page.inline == []
    assert page.headers["Cache-Control"] == "no-store"
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    return page


def test_from_search_to_a_paid_order_without_javascript(browse: Callable[..., Browser]) -> None:
    browser = browse()
    start = sound(browser.get("/shop/"))
    assert start.links["Cheese & more"].startswith("/shop/en/category/")
    assert "28 products" in start.text
    second = sound(browser.get(start.links["2"]))
    assert len(re.findall('class="card"', second.html)) == 4

    found = sound(browser.send(start.form("/shop/en/"), q="cheese"))
    assert "for “cheese”" in found.text
    narrowed = sound(browser.send(found.forms[1], brand=["Verde"]))
    assert "1 product" in narrowed.text
    assert "Rossi" in narrowed.text
    page = sound(browser.get(re.findall(r'href="([^"]+/products/[^"]+)"', narrowed.html)[0]))
    assert "€12.34" in page.text
    assert "In stock" in page.text
    assert "Hard cheese" in page.text

    cart = sound(browser.send(page.form("/cart"), quantity="2"))
    assert "€24.68" in cart.text
    placed = sound(browser.send(cart.form("/cart/details"), country="at", postal_code="1070", shipping_method="post"))
    assert "By post €4.90" in placed.text
    changed = sound(browser.send(placed.form("/cart/lines"), quantity="3"))
    assert "Cart 3" in changed.text
    assert "€37.02" in changed.text

    checkout = sound(browser.get(changed.links["To checkout"]))
    buyer = {"email": "anna@example.org", "name": "Anna", "line1": "Gasse 3", "city": "Wien", "postal_code": "1070"}
    wrong = sound(browser.send(checkout.form("/checkout"), **buyer, country="Aus"), 422)
    assert "Nothing was ordered yet." in wrong.text
    stale = sound(browser.send(wrong.form("/checkout"), **buyer, country="AT", total_minor="1"), 409)
    assert "Something changed meanwhile." in stale.text
    order = sound(browser.send(stale.form("/checkout"), **buyer, country="AT"))
    assert "waits for payment" in order.text
    assert "€46.11" in order.text
    declined = sound(browser.send(order.form("/payment"), payment_token="test_decline"), 402)
    assert "declined, and nothing was taken" in declined.text
    paid = sound(browser.send(declined.form("/payment"), payment_token="test_success"))
    assert "Status: paid" in paid.text
    assert "Cart 0" in paid.text


@pytest.mark.parametrize(("kind", "name"), [("option", "size"), ("attribute", "kind")])
def test_a_value_of_any_signs_is_chosen_and_taken_back(browse: Callable[..., Browser], kind: str, name: str) -> None:
    browser = browse()
    start = browser.get("/shop/en/")

    chosen = sound(browser.send(start.forms[1], **{kind: [f"{name}:{SIGNED}"]}))
    back = sound(browser.get(chosen.links[SIGNED]))

    assert "1 product" in chosen.text
    assert "28 products" in back.text


def test_a_slip_of_the_pen_is_asked_back_and_a_product_shows_what_goes_with_it(browse: Callable[..., Browser]) -> None:
    slipped = browse().get("/shop/en/?q=blue+chesse")
    product = browse().get("/shop/en/products/blue")

    assert 'href="/shop/en/?q=blue+cheese" dir="auto">blue <mark>cheese</mark></a>' in slipped.html
    assert "Hard cheese" in product.html.partition('id="related"')[2]


def test_a_page_behind_the_last_leads_to_the_last(browse: Callable[..., Browser]) -> None:
    page = sound(browse().get("/shop/en/?page=9999"))

    assert page.html.count('class="card"') == 28 - 24
    assert re.search('aria-label="Page 2" aria-current="page"', page.html)


def test_a_description_is_shown_as_the_text_of_its_html(browse: Callable[..., Browser]) -> None:
    page = sound(browse().get("/shop/en/products/blue"))

    (linked,) = re.findall(r'ld\+json">(.*?)</script>', page.html, re.DOTALL)
    assert "Made of milk &amp; salt\n\n5 &lt; 6</p>" in page.html
    assert json.loads(linked)["description"] == "Made of milk & salt\n\n5 < 6"


def test_a_price_of_what_is_sold_by_weight_says_of_how_much(browse: Callable[..., Browser]) -> None:
    found = browse().get("/shop/en/?q=hard+cheese")

    cards = [" ".join(re.sub(r"<[^>]+>", " ", card).split()) for card in found.html.split('class="card"')[1:]]
    prices = {"€12.34 / 100 g" in card for card in cards if BY_WEIGHT in card}
    others = {"/ 100 g" in card for card in cards if BY_WEIGHT not in card}
    assert (prices, others) == ({True}, {False})


def test_what_a_visit_searches_for_is_noted_as_of_one_session_and_of_a_browser_without_cookies_as_of_none(
    app: APIFlask, browse: Callable[..., Browser], shops: tuple[Shop, Shop], postgres: psycopg.Connection
) -> None:
    texts = [f"{word} {uuid4().hex}" for word in ("first", "second", "third")]
    visitor, stranger = browse(), browse()

    visitor.get("/shop/en/")
    for text in texts[:2]:
        visitor.get(f"/shop/en/?q={text}")
    stranger.get(f"/shop/en/?q={texts[2]}")

    app.extensions[EXTENSION].search_logs.flush()
    noted = {search.text: search.session for log in search_logs_of(postgres, shops[0]) for search in log.searches}
    first, second, third = (noted[text] for text in texts)
    assert first is not None
    assert (first == second, third) == (True, None)


def test_texts_of_a_shop_are_texts_wherever_they_stand(browse: Callable[..., Browser]) -> None:
    browser = browse()
    for address in ("/shop/en/?q=script", "/shop/en/products/awkward", '/shop/en/?q="><script>x</script>&brand="><i>'):
        page = sound(browser.get(address))
        assert "<script>" not in page.html
        assert "<i>" not in page.html
        assert "<b>Shop" not in page.html
    page = browser.get("/shop/en/products/awkward")
    assert AWKWARD in page.text
    (linked,) = re.findall(r'ld\+json">(.*?)</script>', page.html, re.DOTALL)
    assert json.loads(linked)["name"] == AWKWARD
    assert json.loads(linked)["offers"][0]["price"] == "12.34"
    in_cart = sound(browser.send(page.form("/cart")))
    assert AWKWARD in in_cart.text


def test_a_product_has_an_address_in_each_of_its_languages(browse: Callable[..., Browser]) -> None:
    browser = browse()

    german = sound(browser.get("/shop/de/products/blue"))
    hebrew = sound(browser.get("/shop/he/?q=cheese"))
    dollars = sound(browser.get("/shop/de/products/blau?currency=USD"))

    assert "12,34\u00a0€" in german.html
    assert "<title>Blau &amp; fein" in german.html
    assert re.search(r'rel="canonical" href="http://[^"]+/shop/de/products/blau"', german.html)
    assert re.search(r'hreflang="en" href="http://[^"]+/shop/en/products/blue"', german.html)
    assert 'dir="rtl"' in hebrew.html
    assert "15,00\u00a0$" in dollars.html


def test_a_cart_is_its_own_shops_and_a_form_its_own_browsers(
    browse: Callable[..., Browser], app: APIFlask, shops: tuple[Shop, Shop]
) -> None:
    here, there = browse(0), browse(1)
    cart = here.send(here.get("/shop/en/products/blue").form("/cart"))
    assert "Blue cheese" in cart.text
    kept = here.client.get_cookie("shop-cart", domain=here.host)
    assert kept is not None
    assert kept.http_only
    assert kept.same_site == "Lax"

    there.client.set_cookie("shop-cart", kept.value, domain=there.host)
    elsewhere = sound(there.get("/shop/en/cart"))
    stranger = browse(0)
    forged = stranger.send(cart.form("/cart/lines"), quantity="9")
    here.client.set_cookie("shop-cart-count", "<b>", domain=here.host)
    crossed = here.client.post(
        "/shop/en/cart", base_url=f"http://{here.host}", headers={"Sec-Fetch-Site": "cross-site"},
        data={one["name"]: one["value"] for one in here.get("/shop/en/products/blue").form("/cart").fields},
    )  # fmt: skip

    assert "There is nothing in your cart." in elsewhere.text
    assert sound(forged, 403).text.count("This form was not sent from a page of ours") >= 1
    assert crossed.status_code == 403
    assert "1 ×" not in here.get("/shop/en/cart").text or "€12.34" in here.get("/shop/en/cart").text


@pytest.mark.parametrize(
    ("address", "status", "told"),
    [
        ("/shop/en/products/nothing-of-this-name", 404, "There is nothing here."),
        ("/shop/de/nowhere", 404, "Hier ist nichts."),
        ("/shop/fr/", 404, "There is nothing here."),
        ("/shop/en/category/none", 404, "There is nothing here."),
        ("/shop/en/?category=none", 400, "This cannot be asked."),
        ("/shop/en/?price_from=x&price_to=-1", 200, "This is no amount"),
        ("/shop/en/?price_from=20&price_to=10", 200, "The upper price is below the lower one."),
        ("/shop/en/?q=chese", 200, "Nothing has exactly these words."),
        ("/shop/en/?q=zzzzzz&page=999999&sort=no&currency=XXX", 200, "Nothing was found."),
        ("/shop/en/order", 200, "This browser knows of no order here."),
    ],
)
def test_what_is_not_there_is_said_in_words(
    browse: Callable[..., Browser], address: str, status: int, told: str
) -> None:
    assert told in sound(browse().get(address), status).text


def test_a_host_that_is_no_shops_has_no_pages(app: APIFlask) -> None:
    for address in ("/shop/", "/shop/en/", "/shop", "/shop/en/cart"):
        page = sound(Browser(app.test_client(), "nobody.example").get(address), 404)
        assert "There is nothing here." in page.text


def test_the_footer_says_how_fresh_the_search_is(browse: Callable[..., Browser], shops: tuple[Shop, Shop]) -> None:
    told: Any = shops[0].get("/v1/search/products", role="anonymous").json

    page = browse().get("/shop/en/")

    assert ('datetime="' in page.html) == (told["as_of"] is not None)
    assert (Words("en").of("state", told["state"]) in page.text) == (told["state"] != "fresh")


def test_a_product_without_a_text_in_the_language_is_behind_its_hit(browse: Callable[..., Browser]) -> None:
    found = browse().get("/shop/de/?q=hard+cheese+7")
    link = re.findall(r'href="([^"]+/products/[^"]+)"', found.html)[0]

    page = sound(browse().get(link))
    german = sound(browse().get("/shop/de/products/blue"))

    assert "Hard cheese 7" in page.text
    assert re.findall(r'rel="canonical" href="[^"]+(/shop/[^"]+)"', page.html) == [link.partition("?")[0]]
    assert re.findall(r'rel="canonical" href="[^"]+(/shop/[^"]+)"', german.html) == ["/shop/de/products/blau"]
    assert "Blauschimmelkäse" in german.text
