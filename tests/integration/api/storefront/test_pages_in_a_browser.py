"""In a real browser people find their way by day and by night, and the shop is the same with stock InstantSearch."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from ops.local.page_packages import fetch_page_packages
from ops.settings import Settings
from tests.integration.api.served import Served
from tests.integration.api.shops import Shop
from tests.integration.api.storefront.conftest import AWKWARD
from tests.support.browser.chromium import browser_packages
from tests.support.browser.devtools import Devtools
from tests.support.browser.page import Page, opened_page

pytestmark = pytest.mark.servers

BUYER: Final = {"email": "a@example.org", "name": "Anna", "line1": "Gasse 3", "city": "Wien"}
PHONE: Final = 390
DESK: Final = 1280
#: Links and buttons that a thumb misses: lower than a line, and not within a sentence.
SMALL: Final = """
() => [...document.querySelectorAll("main button, main select, header a, .chosen a, .pages a, .departments a, .tick")]
  .filter((one) => { const { width, height } = one.getBoundingClientRect(); return width && height && height < 24; })
  .map((one) => one.outerHTML.slice(0, 120))
"""


@pytest.fixture
def page(browser: Devtools) -> Iterator[Page]:
    with opened_page(browser) as one:
        yield one


@pytest.fixture
def at(served: Served, shops: tuple[Shop, Shop]) -> Callable[[str], str]:
    """The address of a page at the host of the shop."""
    return lambda path: f"http://{shops[0].tenant['domains'][0]}:{served.port}{path}"


@pytest.fixture(scope="module")
def axe(settings: Settings) -> str:
    packages = browser_packages(settings.folder.software)
    return (packages / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def fetched(settings: Settings) -> None:
    fetch_page_packages(settings.folder.software)


def looked_at(page: Page, axe: str, width: int, scheme: str) -> dict[str, Any]:
    """What is wrong with how it looks; nothing where nothing is."""
    page.look(width, scheme)
    found = {
        "axe": page.findings(axe),
        "too wide": page.run("() => document.documentElement.scrollWidth > innerWidth"),
        "too small": page.run(SMALL),
    }
    return {what: value for what, value in found.items() if value}


@pytest.mark.usefixtures("fetched")
def test_every_page_is_well_to_look_at_by_day_and_by_night(
    page: Page, at: Callable[[str], str], axe: str, tmp_path: Path
) -> None:
    found: dict[str, Any] = {}

    def look(name: str) -> None:
        for width, scheme in ((PHONE, "light"), (PHONE, "dark"), (DESK, "light"), (DESK, "dark")):
            if wrong := looked_at(page, axe, width, scheme):
                found[f"{name}, {width}, {scheme}"] = wrong
        page.look(DESK)

    written = ("/shop/en/pages/delivery", "/shop/de/posts", "/shop/en/?q=days")
    searches = ("/shop/en/", "/shop/he/?q=chese&brand=Verde", "/shop/en/?q=zzzzzz")
    for address in (*searches, *written, "/shop/en/nowhere"):
        page.open(at(address))
        look(address)
    page.wrong.clear()  # a page that is not there
    page.open(at("/shop/en/products/awkward"))
    look("product")
    page.click("form.buy button.main")
    page.until("document.querySelector('#cart-count').textContent === '1'", "it is in the cart")
    page.open(at("/shop/en/cart"))
    look("cart")
    page.type("#country", "AT")
    page.click("[name=shipping_method]")
    page.follow("form[action*=details] button")
    page.open(at("/shop/de/checkout"))
    for field, value in {**BUYER, "postal_code": "1070", "country": "xx"}.items():
        page.type(f"#{field}", value)
    page.follow("form button.main")
    look("checkout")
    page.wrong.clear()  # it was sent back
    page.type("#country", "AT")
    page.follow("form button.main")
    assert page.texts("#problem"), "another country has another sum, which is shown before it is ordered"
    page.wrong.clear()
    page.follow("form button.main")
    look("order")
    page.follow("form button.main")
    assert page.texts("#status") == ["bezahlt"]
    look("paid order")
    page.open(at("/shop/instantsearch"))
    page.until("document.querySelector('#hits li')", "hits")
    look("InstantSearch")

    assert found == {}
    assert page.wrong == []


def test_a_keyboard_finds_words_facets_and_currencies_without_leaving_the_page(
    page: Page, at: Callable[[str], str]
) -> None:
    page.open(at("/shop/en/"))
    page.run("() => { window.same = true; }")

    page.type("#q", "blu")
    page.until("document.querySelectorAll('#suggested [role=option]').length", "suggestions")
    assert page.run("() => document.querySelector('#suggested [role=option]').firstChild.textContent") == "Blue cheese"
    page.press("ArrowDown")
    assert page.run("() => document.querySelector('#q').getAttribute('aria-activedescendant')") == "suggested-0"
    page.press("Escape")
    assert page.run("() => document.querySelector('#suggested').hidden")

    page.click("#facets [value=Verde]")
    page.until("document.querySelector('#number').textContent === '1 product'")
    assert page.run("() => [document.activeElement.value, document.activeElement.checked]") == ["Verde", True]
    assert page.run("() => location.search") == "?brand=Verde"
    page.until("document.querySelector('#told').textContent === '1 product'", "it is told to who does not see it")
    page.run("() => history.back()")
    page.until("document.querySelector('#number').textContent === '28 products'")
    assert page.run("() => window.same")

    page.follow("#currencies a", "USD")
    assert page.texts(".card .amount")[0] == "$15.00"
    page.follow("#currencies a", "EUR")
    assert page.texts(".card .amount")[0] == "€12.34"
    assert page.wrong == []


@pytest.mark.usefixtures("fetched")
def test_stock_instantsearch_shows_the_same_shop(
    page: Page, at: Callable[[str], str], shops: tuple[Shop, Shop]
) -> None:
    page.open(at("/shop/instantsearch"))
    page.until("document.querySelectorAll('#hits li').length === 24", "the first page of hits")

    assert page.texts("#stats")[0].startswith("28 products")
    assert dict(
        zip(page.texts("#brands .ais-RefinementList-labelText"), page.texts("#brands .number"), strict=True)
    ) == {"Rossi": "26", "Verde": "1", '"><i>brand': "1"}
    page.click("#brands .ais-RefinementList-labelText", '"><i>brand')
    page.until("document.querySelectorAll('#hits li').length === 1", "what has this brand")
    assert page.texts("#hits h3") == [AWKWARD]
    assert page.texts("#hits .amount") == ["€12.34"]
    page.follow("#hits a")
    assert page.texts("h1") == [AWKWARD]
    host = at("/")
    assert [one for one in page.asked if not one.startswith(host)] == []
    assert page.wrong == []
