"""`fields` through the API: only what was asked for is shown, of one thing and of many, and its tag says so."""

from http import HTTPStatus

import pytest

from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers


def test_only_what_is_asked_for_is_shown_of_one_and_of_many(shop: Shop) -> None:
    product = shop.product()
    sku = product["variants"][0]["sku"]
    order = shop.order(sku)

    assert shop.get(f"/v1/products/{product['id']}?fields=id,variants.sku").json == {
        "id": product["id"],
        "variants": [{"sku": sku}],
    }
    assert shop.get("/v1/products?fields=variants.sku&limit=1").json == {
        "items": [{"variants": [{"sku": sku}]}],
        "next_cursor": None,
    }
    assert shop.get("/v1/orders?status=pending&fields=id,lines.quantity").json["items"] == [
        {"id": order["id"], "lines": [{"quantity": 2}]}
    ]
    assert shop.get(f"/v1/orders/{order['id']}/timeline?fields=step").json == {
        "items": [{"step": "placed"}],
        "currency": "EUR",
    }
    assert shop.call("HEAD", f"/v1/products/{product['id']}?fields=id").status_code == HTTPStatus.OK


def test_the_tag_of_an_answer_says_what_is_shown_of_it(shop: Shop) -> None:
    path = f"/v1/products/{shop.product()['id']}"
    whole, some, again = (shop.get(f"{path}{more}") for more in ("", "?fields=id,status", "?fields=status,id"))

    assert whole.headers["ETag"] == '"2"'
    assert some.headers["ETag"] == again.headers["ETag"] != whole.headers["ETag"]
    for path_, tag, status in (
        (f"{path}?fields=id,status", some.headers["ETag"], 304),
        (f"{path}?fields=id,status", whole.headers["ETag"], 200),
        (f"{path}?fields=id", some.headers["ETag"], 200),
        (path, some.headers["ETag"], 200),
        (path, whole.headers["ETag"], 304),
    ):
        assert shop.get(path_, If_None_Match=tag).status_code == status, path_


def test_who_may_not_ask_is_not_told_what_there_is_to_ask_for(shop: Shop) -> None:
    draft = shop.product(published=False)["id"]

    assert shop.get("/v1/users?fields=nonsense", role="customer").status_code == 403
    assert shop.get(f"/v1/products/{draft}?fields=nonsense", role="customer").status_code == 404
    refused = shop.get(f"/v1/products/{draft}?fields=nonsense&locale=en")
    assert [one["field"] for one in refused.get_json(force=True)["errors"]] == ["locale"]
    refused = shop.get(f"/v1/products/{draft}?fields=nonsense")
    assert (refused.status_code, refused.headers["Content-Type"]) == (422, "application/problem+json")
    (wrong,) = refused.get_json(force=True)["errors"]
    assert (wrong["field"], wrong["code"]) == ("fields", "unknown_field")
    assert "variants" in wrong["message"]
    assert shop.call("POST", "/v1/products?fields=id", {}).status_code == 422
