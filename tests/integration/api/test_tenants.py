from collections.abc import Callable

import psycopg
import pytest

from api.app import list_routes
from api.wsgi import unconnected
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


def test_every_call_of_the_platform_on_a_shop_takes_its_slug(shop: Shop) -> None:
    slug, domain = shop.tenant["slug"], f"www.{shop.tenant['domains'][0]}"
    calls = [
        ("PATCH", "", {"name": "By slug"}, 200),
        ("GET", "/export", None, 200),
        ("POST", "/domains", {"domain": domain}, 201),
        ("GET", "/domains", None, 200),
        ("POST", f"/domains/{domain}/verify", None, 200),
        ("DELETE", f"/domains/{domain}", None, 204),
        ("POST", "/deactivate", None, 200),
        ("POST", "/reactivate", None, 200),
        ("POST", "/erase", {"slug": slug}, 202),
    ]
    asked = {(method, path.replace(domain, "{domain}")) for method, path, _, _ in calls}
    there = {
        (one.method, one.path.removeprefix("/v1/tenants/{tenant_id}"))
        for one in list_routes(unconnected())
        if one.path.startswith("/v1/tenants/{tenant_id}")
    }

    nowhere = {
        shop.for_platform(method, f"/v1/tenants/{slug}-2{path}", body).status_code for method, path, body, _ in calls
    }
    answers = [
        shop.for_platform(method, f"/v1/tenants/{slug}{path}", body).status_code for method, path, body, _ in calls
    ]

    assert nowhere == {404}
    assert answers == [status for *_, status in calls]
    assert asked | {("GET", "")} == there


def test_a_slug_that_is_written_as_an_id_is_refused(shop: Shop) -> None:
    answer = shop.for_platform("POST", "/v1/tenants", {"slug": str(shop.id), "name": "Other"})

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "slug")


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
