"""Who has the newest version is told so without a body."""

import pytest

from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers


@pytest.fixture
def addresses(shop: Shop) -> list[str]:
    """Of everything with a version."""
    product = shop.product()
    category = shop.post("/v1/categories", {"translations": [{"locale": "en", "name": "Dairy"}]}).json
    order = shop.order(product["variants"][0]["sku"])
    return [
        f"/v1/products/{product['id']}",
        f"/v1/categories/{category['id']}",
        f"/v1/orders/{order['id']}",
    ]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_the_same_version_is_304_for_whoever_has_it(shop: Shop, addresses: list[str], form: str) -> None:
    for here in addresses:
        first = shop.get(here)
        for method in ("GET", "HEAD"):
            again = shop.call(method, here, If_None_Match=form.format(first.headers["ETag"]))

            assert (again.status_code, again.data) == (304, b"")
            for name in ("ETag", "Cache-Control", "Vary"):
                assert again.headers[name] == first.headers[name]
            assert "X-Correlation-Id" in again.headers
            assert "Content-Type" not in again.headers


def test_a_tenant_is_revalidated_too(shop: Shop) -> None:
    here = f"/v1/tenants/{shop.tenant['slug']}"
    tag = shop.for_platform("GET", here).headers["ETag"]

    assert shop.for_platform("GET", here).headers["Cache-Control"] == "private, no-cache"
    assert tag == '"1"'


def test_another_version_is_sent_whole(shop: Shop, addresses: list[str]) -> None:
    old = shop.get(addresses[0])
    shop.call("PATCH", addresses[0], {"brand": "Verde"})

    new = shop.get(addresses[0], If_None_Match=old.headers["ETag"])

    assert (new.status_code, new.json["brand"]) == (200, "Verde")
    assert new.headers["ETag"] != old.headers["ETag"]


@pytest.mark.parametrize("given", ["", "nonsense", '"', "W/", '"99"'])
def test_what_names_no_version_of_it_is_answered_whole(shop: Shop, addresses: list[str], given: str) -> None:
    assert shop.get(addresses[0], If_None_Match=given).status_code == 200
