"""Every widget as npm has it, in a real browser, shows of a shop what counting its catalogue by hand gives."""

import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from tests.integration.api.instantsearch.catalogue import BRANDS, Catalogue, Item
from tests.integration.api.instantsearch.shop_pages import PAGES, ShopPages
from tests.integration.api.served import Served
from tests.integration.api.shops import Shop
from tests.support.browser.devtools import Devtools
from tests.support.browser.page import Page, opened_page
from tests.support.node_packages import installed
from tests.support.stack import Stack

pytestmark = pytest.mark.servers

PACKAGES: Final = Path(__file__).parent / "node"
MANUAL: Final = Path(__file__).parents[4] / "docs" / "instantsearch.md"
LABEL: Final = ".ais-RefinementList-labelText"


@pytest.fixture(scope="module")
def pages(
    servers: Stack, served: Served, widgets_shop: Shop, key: str, tmp_path_factory: pytest.TempPathFactory
) -> ShopPages:
    packages = installed(servers.settings.folder.software, PACKAGES)
    bundle = tmp_path_factory.mktemp("bundle") / "react_page.js"
    bundled(packages, PAGES / "react_page.jsx", bundle)
    manual = manual_page(served.port, str(widgets_shop.tenant["slug"]), key)
    return ShopPages(
        origin=f"https://{widgets_shop.tenant['domains'][0]}",
        packages=packages,
        written={"manual": manual, "away": manual.replace(f"127.0.0.1:{served.port}", "127.0.0.1:9")},
        made={"react_page.js": bundle},
    )


@pytest.fixture
def visit(browser: Devtools, pages: ShopPages, served: Served, widgets_shop: Shop, key: str) -> Callable[..., Any]:
    """A page in a window of its own, which asks nobody but the shop and its API, and in which nothing goes wrong."""

    @contextmanager
    def visited(name: str, *, sound: bool = True, **parameters: Any) -> Iterator[Page]:
        given = {"api": served.url, "application": widgets_shop.tenant["slug"], "key": key}
        with opened_page(browser, pages, pages.origin) as page:
            page.open(pages.address(name, **given, **parameters))
            yield page
            ours = (f"{pages.origin}/", f"{served.url}/search/1/", "data:")
            assert [one for one in page.asked if not one.startswith(ours)] == [] or not sound
            assert page.wrong == [] or not sound

    return visited


def bundled(packages: Path, source: Path, target: Path) -> None:
    """As a shop's build does it: imports are looked for in these packages."""
    esbuild = packages / "node_modules" / "@esbuild" / "linux-x64" / "bin" / "esbuild"
    options = ("--bundle", "--jsx=automatic", '--define:process.env.NODE_ENV="production"', "--log-level=error")
    found = {"NODE_PATH": str(packages / "node_modules")}
    subprocess.run([esbuild, source, *options, f"--outfile={target}"], env=found, check=True)


def manual_page(port: int, slug: str, key: str) -> str:
    """The manual's own page, with what it says is to be put in."""
    (page,) = re.findall("```html\n(.*?)```", MANUAL.read_text(), re.DOTALL)
    for written, meant in {
        "api.example/search": f"127.0.0.1:{port}/search",
        'protocol: "https"': 'protocol: "http"',
        '"my-shop", "rtk_pub_…"': f'"{slug}", "{key}"',
        "</title>": '</title><link rel="icon" href="data:,">',
    }.items():
        assert page.count(written) == 1
        page = page.replace(written, meant)
    return str(page)


def prices(items: Sequence[Item]) -> list[float]:
    return [price / 100 for item in items for price in item.prices]


def titles(items: Sequence[Item]) -> list[str]:
    return sorted(item.title for item in items)


class Widgets:
    """A page of widgets: something is done, and what is shown after the answer to it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.until("answered()", "the first answer")

    @property
    def shown(self) -> Any:
        return self.page.run("() => shown()")

    def after(self, act: Callable[..., Any], *given: Any) -> Any:
        self.page.run("() => { window.before = search.helper.lastResults; }")
        act(*given)
        self.page.until("answered()", f"an answer after {given}")
        return self.shown

    def click(self, selector: str, text: str | None = None) -> Any:
        return self.after(self.page.click, selector, text)


def test_widgets_show_what_counting_by_hand_gives(visit: Callable[..., Any], catalogue: Catalogue) -> None:
    every = catalogue.items
    with visit("widgets") as page:
        on = Widgets(page)

        first = on.shown
        assert first["fresh"]
        assert first["hits"] == len(every)
        assert first["sizes"] == catalogue.counts(every, "options.size")
        assert first["tags"] == catalogue.counts(every, "tags")
        assert first["categories"] == catalogue.counts(every, "categories.lvl0")
        assert first["range"] == [min(prices(every)), max(prices(every))]
        assert len(first["brands"]) == 5
        page.click("#brands .ais-RefinementList-showMore")
        page.until(f"document.querySelectorAll('#brands li').length === {len(BRANDS)}")
        assert on.shown["brands"] == catalogue.counts(every, "brand")

        either = [item for item in every if item.brand in ("Rossi: 1884", "Verde")]
        on.click(f"#brands {LABEL}", "Rossi: 1884")
        two = on.click(f"#brands {LABEL}", "Verde")
        assert two["hits"] == len(either)
        assert two["brands"] == catalogue.counts(every, "brand")
        assert two["tags"] == catalogue.counts(either, "tags")
        assert sorted(two["chosen"]) == ["Rossi: 1884", "Verde"]

        kept = [item for item in either if item.in_stock]
        stocked = on.click("#stock input")
        assert stocked["hits"] == len(kept)
        assert stocked["range"] == [min(prices(kept)), max(prices(kept))]

        low, high = (sorted(prices(kept))[at] for at in (5, -5))
        page.type("#range .ais-RangeInput-input--min", f"{low:g}")
        page.type("#range .ais-RangeInput-input--max", f"{high:g}")
        spanned = on.click("#range button")
        assert spanned["hits"] == sum(any(low <= price <= high for price in prices([item])) for item in kept)
        beside = [item for item in every if item.in_stock and any(low <= price <= high for price in prices([item]))]
        shown_beside = catalogue.counts(beside, "brand")
        assert {brand: count for brand, count in spanned["brands"].items() if count} == shown_beside

        cleared = on.click("#clear button")
        assert (cleared["hits"], cleared["chosen"]) == (len(every), [])

        both = [item for item in every if {"new", "promo"} <= set(item.tags)]
        on.click(f"#tags {LABEL}", "new")
        assert on.click(f"#tags {LABEL}", "promo")["hits"] == len(both)
        on.click("#chosen .ais-CurrentRefinements-delete")
        assert on.click("#chosen .ais-CurrentRefinements-delete")["hits"] == len(every)

        long = [item for item in every if item.size == "L:long"]
        sized = on.click("#sizes .ais-Menu-label", "L:long")
        assert sized["hits"] == len(long)
        assert sized["sizes"] == catalogue.counts(every, "options.size")
        paged = on.after(page.choose, "#perPage select", "20")
        assert paged["pages"] == [str(n + 1) for n in range(-(-len(long) // 20))]
        last = on.click("#pages a", paged["pages"][-1])
        assert len(last["titles"]) == len(long) % 20 or 20
        on.click("#clear button")
        on.after(page.choose, "#perPage select", "50")

        fat = on.shown["fats"]
        assert fat["30 & up"] == sum(item.fat == 30 for item in every)
        assert on.click('#fats [aria-label="30 & up"]')["hits"] == fat["30 & up"]
        on.click("#clear button")

        on.after(page.choose, "#sort select", "products_price_desc")
        assert on.shown["titles"][0] in {item.title for item in every if max(prices([item])) == max(prices(every))}
        titled = on.after(page.choose, "#sort select", "products_title")
        assert titled["titles"] == sorted((item.title for item in every), key=str.lower)[:50]
        assert titled["failed"] == []


def test_words_categories_and_found_values_narrow_what_is_shown(
    visit: Callable[..., Any], catalogue: Catalogue
) -> None:
    with visit("widgets") as page:
        on = Widgets(page)
        knives = [item for item in catalogue.items if "knife" in item.title.lower()]

        word = on.after(page.type, "#box input", "knife")
        assert word["hits"] == len(knives)
        assert {mark.lower() for mark in word["marked"]} == {"knife"}
        assert word["categories"] == catalogue.counts(knives, "categories.lvl0")

        food = [item for item in knives if item.path[0] == "Food"]
        inside = on.click("#categories .ais-HierarchicalMenu-label", "Food")
        assert inside["hits"] == len(food)
        second = {name.split(" > ")[-1]: count for name, count in catalogue.counts(food, "categories.lvl1").items()}
        assert inside["categories"] == {**word["categories"], **second}

        cheese = [item for item in food if item.path[:2] == ("Food", "Cheese")]
        deeper = on.click("#categories .ais-HierarchicalMenu-label", "Cheese")
        assert deeper["hits"] == len(cheese)
        third = {name.split(" > ")[-1]: count for name, count in catalogue.counts(cheese, "categories.lvl2").items()}
        assert third.items() <= deeper["categories"].items()
        leaf = next(iter(third))
        deepest = on.click("#categories .ais-HierarchicalMenu-label", leaf)
        assert (deepest["hits"], deepest["crumbs"]) == (third[leaf], ["Home", "Food", "Cheese", leaf])
        cheap = on.click("#numbers label", "cheap")
        of_leaf = [item for item in cheese if item.path[2:] == (leaf,)]
        assert cheap["hits"] == sum(any(price <= 500 for price in item.prices) for item in of_leaf)
        assert on.click("#crumbs a", "Food")["hits"] == sum(any(price <= 500 for price in one.prices) for one in food)

        page.type("#brands input[type=search]", "verd")
        page.until("document.querySelector('#brands mark')", "values that begin as typed")
        assert on.shown["brands"] == {"Verde": sum(item.brand == "Verde" for item in food if min(item.prices) <= 500)}


def test_a_click_on_any_value_shows_exactly_its_products(visit: Callable[..., Any], catalogue: Catalogue) -> None:
    with visit("widgets") as page:
        on = Widgets(page)
        page.click("#brands .ais-RefinementList-showMore")
        page.until(f"document.querySelectorAll('#brands li').length === {len(BRANDS)}")

        for brand in BRANDS:
            wanted = [item for item in catalogue.items if item.brand == brand]
            shown = on.click(f"#brands {LABEL}", brand)
            assert (shown["hits"], sorted(shown["titles"])) == (len(wanted), titles(wanted)), brand
            assert shown["chosen"] == [brand]
            on.click("#clear button")

        page.click("#hits li")
        page.until(lambda: any("/1/events" in one for one in page.asked), "what was clicked is told")


def test_hits_without_pages_a_slider_and_the_shops_own_facets(visit: Callable[..., Any], catalogue: Catalogue) -> None:
    every = catalogue.items
    with visit("more_widgets") as page:
        on = Widgets(page)
        first = on.shown

        dynamic = first["dynamic"]
        for attribute in ("tags", "options.size", "in_stock", "categories.lvl1"):
            assert dynamic[attribute] == catalogue.counts(every, attribute), attribute
        brands = catalogue.counts(every, "brand")
        del brands["A > B"]  # a menu takes every value for a path, and shows only the first step
        assert set(first["brands"][1:]) == {f"{brand} ({count})" for brand, count in brands.items()}
        while page.run("() => !document.querySelector('.ais-InfiniteHits-loadMore').disabled"):
            on.click(".ais-InfiniteHits-loadMore")
        assert sorted(on.shown["titles"]) == titles(every)

        for brand in ('Say "cheese"', "-minus", "מותג"):
            chosen = on.after(page.choose, "#brands select", f"{brand} ({brands[brand]})")
            assert sorted(chosen["titles"]) == titles([item for item in every if item.brand == brand])
        on.after(page.choose, "#brands select", "")

        page.run("() => document.querySelector('#slider .rheostat-handle-upper').focus()")
        narrowed = on.after(page.press, "ArrowLeft")
        low, high = narrowed["slider"]
        within = sum(any(low <= price <= high for price in prices([item])) for item in every)
        assert high < first["slider"][1]
        assert narrowed["hits"] == within < len(every)
        assert narrowed["failed"] == []


def test_beside_a_product_stands_what_is_like_it(visit: Callable[..., Any], catalogue: Catalogue) -> None:
    product = catalogue.items[0]
    with visit("related", product=product.id) as page:
        page.until("document.querySelectorAll('#related b').length === 5", "what is related")

        related = [item for item in catalogue.items if item.title in page.texts("#related b")]
        words = set(product.title.lower().split()[:2])
        assert product not in related
        assert all(one.path == product.path or words & set(one.title.lower().split()) for one in related)


def test_autocomplete_finds_while_somebody_types(visit: Callable[..., Any], catalogue: Catalogue) -> None:
    knives = [item.title for item in catalogue.items if "knife" in item.title.lower()]
    with visit("autocomplete") as page:
        page.type("#box input", "knif")
        page.until("document.querySelectorAll('.aa-Item b').length === 5")

        assert set(page.texts(".aa-Item b")) <= set(knives)
        assert {mark.lower() for mark in page.texts(".aa-Item mark")} <= {"knif", "knife"}


def test_the_widgets_for_react_show_the_same(visit: Callable[..., Any], catalogue: Catalogue) -> None:
    every = catalogue.items
    with visit("react") as page:

        def number(wanted: int) -> None:
            page.until(lambda: page.texts("#stats") == [str(wanted)], f"{wanted} products; {page.texts('#stats')}")

        number(len(every))
        counted = zip(page.texts(LABEL), page.texts(".ais-RefinementList-count"), strict=True)
        assert {name: int(count) for name, count in counted} == catalogue.counts(every, "brand")
        for brand in ("Rossi: 1884", 'Say "cheese"', "-minus", "מותג", "back\\slash"):
            wanted = [item for item in every if item.brand == brand]
            page.click(LABEL, brand)
            number(len(wanted))
            page.until(lambda wanted=wanted: sorted(page.texts(".ais-Hits b")) == titles(wanted), "its products")
            page.click(LABEL, brand)
            number(len(every))

        page.click(".ais-Pagination-link", "4")
        page.until(lambda: len(page.texts(".ais-Hits b")) == len(every) - 60, "the last page")
        food = [item for item in every if item.path[0] == "Food"]
        page.click(".ais-HierarchicalMenu-label", "Food")
        number(len(food))
        page.type(".ais-SearchBox-input", "knife")
        number(sum("knife" in item.title.lower() for item in food))

    dear = [item for item in every if item.prices[-1] > 1000 and item.in_stock]
    with visit("react", endless="true", filters="price > 10 AND in_stock:true") as page:
        page.until(lambda: page.texts("#stats") == [str(len(dear))], "what Configure left")
        while page.run("() => !document.querySelector('.ais-InfiniteHits-loadMore').disabled"):
            before = len(page.texts(".ais-InfiniteHits b"))
            page.click(".ais-InfiniteHits-loadMore")
            page.until(lambda before=before: len(page.texts(".ais-InfiniteHits b")) > before, "more hits")
        assert sorted(page.texts(".ais-InfiniteHits b")) == titles(dear)


def test_the_page_of_the_manual_works(visit: Callable[..., Any], catalogue: Catalogue) -> None:
    counts = catalogue.counts(catalogue.items, "brand")
    with visit("manual") as page:
        page.until("document.querySelectorAll('#hits li').length === 20")

        assert page.texts(".ais-Stats-text")[0].startswith(f"{len(catalogue.items)} results found in ")
        brands = page.texts(f"#brands {LABEL}")
        assert (brands[0], len(brands)) == ("Verde", min(10, len(counts)))
        roots = sorted(catalogue.counts(catalogue.items, "categories.lvl0"))
        assert page.texts("#categories .ais-HierarchicalMenu-label") == roots
        assert page.run("() => document.querySelector('#away').hidden")

    with visit("away", sound=False) as page:
        page.until("!document.querySelector('#away').hidden", "the page says that the search is away")
        assert page.texts("#hits li") == []
        assert not [one for one in page.wrong if "Uncaught" in one]
