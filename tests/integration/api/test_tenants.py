from collections.abc import Callable

import psycopg
import pytest

from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers


def test_a_shop_is_opened_and_told(shop: Shop, postgres: psycopg.Connection) -> None:
    told = left(postgres, shop.id)

    assert [(one.type, one.version) for one in told] == [("tenant.created", 1)]
    assert told[0].event.tenant.slug == shop.tenant["slug"]
    assert told[0].event.tenant.domains == tuple(shop.tenant["domains"])


def test_a_shop_is_found_by_id_and_by_slug(shop: Shop) -> None:
    by_id = shop.for_platform("GET", f"/v1/tenants/{shop.id}")
    by_slug = shop.for_platform("GET", f"/v1/tenants/{shop.tenant['slug']}")

    assert by_id.json == by_slug.json
    assert by_id.headers["ETag"] == '"1"'


def test_all_shops_are_listed_page_by_page(open_shop: Callable[..., Shop]) -> None:
    mine = {str(open_shop().id), str((last := open_shop()).id)}
    seen: set[str] = set()
    cursor = ""

    while True:
        page = last.for_platform("GET", f"/v1/tenants?limit=1{cursor}").json
        seen |= {tenant["id"] for tenant in page["items"]}
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert mine <= seen


@pytest.mark.parametrize("field", ["slug", "domains"])
def test_a_name_that_is_taken_is_a_conflict(shop: Shop, field: str) -> None:
    body = {"slug": f"{shop.tenant['slug']}-2", "name": "Other", field: shop.tenant[field]}

    answer = shop.for_platform("POST", "/v1/tenants", body)

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "taken")
    assert answer.get_json(force=True)["errors"][0]["field"] == field
