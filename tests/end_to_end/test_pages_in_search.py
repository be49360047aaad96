"""A page is in search as soon as it is published, as it says now, and out of it when it is archived or erased."""

import json

import pytest

from ops.demo.shop_pages import PAGES, write_pages
from tests.support.shops import open_shop
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chain

SEARCH = "/v1/search/pages"


def test_a_page_is_found_from_its_publishing_to_its_archiving_and_search_is_what_the_tables_say(stack):
    shop = open_shop(stack)
    said = {"locale": "en", "title": "Delivery", "body": "Within *two* days."}
    page = shop.post("/v1/pages", {"translations": [said]})

    def after(done, **asked):
        return shop.get(SEARCH, after=[done["receipt"]], wait=20, **asked)

    drafted = after(page, q="delivery")
    published = after(shop.post(f"/v1/pages/{page['id']}/publish", {}), q="two days")
    changed = after(
        shop.patch(f"/v1/pages/{page['id']}", {"translations": [said | {"title": "Shipping"}]}), q="shipping"
    )
    verified = json.loads(stack.rustok("sinks", "verify", "page-search", "--tenant", shop.slug, "--json").stdout)
    archived = after(shop.post(f"/v1/pages/{page['id']}/archive", {}))

    assert [found["total"] for found in (drafted, published, changed, archived)] == [0, 1, 1, 0]
    assert (published["state"], published["hits"][0]["snippet"]) == ("fresh", "Within <em>two</em> <em>days</em>.")
    assert changed["as_of"] >= published["as_of"]
    assert (verified["examples"], verified["checked"]) == ([], 1)


def test_the_pages_of_a_shop_of_the_demo_are_written_once_and_found(stack):
    shop = open_shop(stack)

    write_pages(shop)
    write_pages(shop)

    written = list(shop.pages("/v1/pages"))
    assert [(one["kind"], one["status"]) for one in written] == [(page["kind"], "published") for page in PAGES]
    wait_until(lambda: shop.get(SEARCH)["total"] == len(PAGES), 30, "all of them are in search")
    assert shop.get(SEARCH, q="money back")["hits"][0]["handle"] == "returns"
