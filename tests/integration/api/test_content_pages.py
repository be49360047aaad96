"""Pages and posts through the API: written, shown, found at their addresses, and changed by one at a time."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers


def text(title: str, locale: str = "en", **more: Any) -> dict[str, Any]:
    return {"locale": locale, "title": title, **more}


def made(shop: Shop, *texts: dict[str, Any], shown: bool = True, **different: Any) -> str:
    answer = shop.post("/v1/pages", {"translations": list(texts), **different})
    assert answer.status_code == 201, answer.text
    if shown:
        assert shop.post(f"/v1/pages/{answer.json['id']}/publish").status_code == 200
    return str(answer.json["id"])


def titles(shop: Shop, query: str, role: str = "admin") -> list[str]:
    answer = shop.get(f"/v1/pages{query}", role=role)
    assert answer.status_code == 200, answer.text
    return [one["translations"][0]["title"] for one in answer.json["items"]]


def wrong_fields(answer: Any) -> tuple[int, list[str]]:
    return answer.status_code, [error["field"] for error in answer.get_json(force=True).get("errors", [])]


def test_a_page_is_written_shown_archived_and_deleted_and_each_step_is_told(
    shop: Shop, postgres: psycopg.Connection
) -> None:
    first = shop.post("/v1/pages", {"translations": [text("Delivery", body="In *two* days.")]}, Idempotency_Key="k")
    page, here = first.json["id"], f"/v1/pages/{first.json['id']}"
    again = shop.post("/v1/pages", {"translations": [text("Delivery", body="In *two* days.")]}, Idempotency_Key="k")

    assert again.json["id"] == page
    assert shop.get(here, role="anonymous").status_code == 404
    assert shop.post(f"{here}/archive").json["code"] == "illegal_transition"
    assert shop.post(f"{here}/publish").json["published_at"] is not None
    etag = shop.get(here, role="anonymous").headers["ETag"]
    assert shop.call("PATCH", here, {"tags": ["help"]}, If_Match=etag).json["tags"] == ["help"]
    assert shop.call("PATCH", here, {"tags": ["x"]}, If_Match=etag).status_code == 412
    assert shop.call("DELETE", here).status_code == 409
    assert [shop.post(f"{here}/{step}").json["status"] for step in ("archive", "restore")] == ["archived", "draft"]
    assert shop.call("DELETE", here).status_code == 200
    assert shop.get(here).status_code == 404
    told = left(postgres, shop.id, page)
    steps = ["created", "published", "updated", "archived", "restored", "deleted"]
    assert [one.type for one in told] == [f"page.{step}" for step in steps]
    assert told[0].event.page.translations[0].body == "In *two* days."


def test_visitors_see_what_is_published_in_lists_and_at_addresses_in_their_language(shop: Shop) -> None:
    made(
        shop, text("Delivery", handle="delivery", body="Soon."), text("Lieferung", "de", handle="lieferung"), position=2
    )
    made(shop, text("Draft", handle="draft"), shown=False, position=1)
    made(shop, text("Summer", handle="delivery"), kind="post", tags=["news"], position=3)

    assert titles(shop, "?sort=position") == ["Draft", "Delivery", "Summer"]
    assert titles(shop, "?sort=position", role="anonymous") == ["Delivery", "Summer"]
    assert titles(shop, "?status=draft", role="anonymous") == []
    assert titles(shop, "?kind=post&tag=news&sort=published_desc", role="customer") == ["Summer"]
    assert shop.get("/v1/pages/by-handle/draft", role="anonymous").status_code == 404
    german = shop.get("/v1/pages/by-handle/lieferung?locale=de-AT&fields=title,locale,body", role="anonymous")
    assert german.json == {"title": "Lieferung", "locale": "de", "body": ""}
    post = shop.get("/v1/pages/by-handle/delivery?kind=post", role="anonymous").json
    assert (post["title"], post["kind"]) == ("Summer", "post")
    assert "body" not in shop.get("/v1/pages").json["items"][0]["translations"][0]


def test_an_address_is_one_kinds_and_leads_on_when_it_changes(shop: Shop) -> None:
    page = made(shop, text("Delivery", handle="delivery"))
    post = made(shop, text("Delivery", handle="delivery"), kind="post")
    taken = shop.post("/v1/pages", {"translations": [text("Other", handle="delivery")]})

    shop.call("PATCH", f"/v1/pages/{page}", {"translations": [text("Shipping", handle="shipping")]})
    moved = shop.get("/v1/pages/by-handle/delivery?locale=en", role="anonymous")
    still = shop.get("/v1/pages/by-handle/delivery?kind=post", role="anonymous")
    heir = made(shop, text("New", handle="delivery"))

    assert wrong_fields(taken) == (409, ["translations.handle"])
    assert (moved.status_code, moved.headers["Location"]) == (301, "/v1/pages/by-handle/shipping?locale=en")
    assert still.json["id"] == post
    assert shop.get("/v1/pages/by-handle/delivery", role="anonymous").json["id"] == heir


def test_a_page_is_at_the_top_or_below_one_that_is(shop: Shop) -> None:
    top, other = made(shop, text("Help")), made(shop, text("Company"))
    below = made(shop, text("Delivery"), parent_id=top)
    post = made(shop, text("Summer"), kind="post")

    refused = {
        "of nothing": shop.post("/v1/pages", {"translations": [text("x")], "parent_id": str(uuid4())}),
        "of one below": shop.post("/v1/pages", {"translations": [text("x")], "parent_id": below}),
        "of a post": shop.post("/v1/pages", {"translations": [text("x")], "parent_id": post}),
        "of itself": shop.call("PATCH", f"/v1/pages/{other}", {"parent_id": other}),
        "with others below": shop.call("PATCH", f"/v1/pages/{top}", {"parent_id": other}),
    }

    assert {name: wrong_fields(answer) for name, answer in refused.items()} == dict.fromkeys(
        refused, (422, ["parent_id"])
    )
    assert titles(shop, f"?parent_id={top}") == ["Delivery"]
    assert titles(shop, "?root=true&kind=page") == ["Help", "Company"]
    shop.post(f"/v1/pages/{top}/archive")
    assert shop.call("DELETE", f"/v1/pages/{top}").status_code == 409
    assert shop.call("PATCH", f"/v1/pages/{below}", {"parent_id": None}).json["parent_id"] is None
    assert shop.call("DELETE", f"/v1/pages/{top}").status_code == 200


def test_of_many_who_publish_at_once_one_does(shop: Shop, postgres: psycopg.Connection) -> None:
    page = made(shop, text("Delivery"), shown=False)

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(lambda _: shop.post(f"/v1/pages/{page}/publish").status_code, range(16)))

    assert statuses == [200, *[409] * 15]
    assert [one.type for one in left(postgres, shop.id, page)] == ["page.created", "page.published"]


@pytest.mark.parametrize(
    ("different", "fields"),
    [
        ({"kind": "menu"}, ["kind"]),
        ({"translations": []}, ["translations"]),
        ({"translations": [text("x"), text("y")]}, ["translations"]),
        ({"translations": [text("x", body="b" * 50_001)]}, ["translations.0.body"]),
        ({"translations": [text("x", handle="a b")]}, ["translations.0.handle"]),
        ({"position": -1}, ["position"]),
        ({"status": "published"}, ["status"]),
    ],
)
def test_what_is_wrong_is_named(shop: Shop, different: dict[str, Any], fields: list[str]) -> None:
    assert wrong_fields(shop.post("/v1/pages", {"translations": [text("x")], **different})) == (422, fields)
