"""A shop is changed by its own people and by the platform's, closed, and opened again."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import psycopg
import pytest
from apiflask import APIFlask

from api.app import create_app
from api.http.dependencies import EXTENSION
from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers


@dataclass
class Published:
    """What domains publish."""

    at_once: bool = False
    proofs: set[tuple[str, str]] = field(default_factory=set)

    def proves(self, domain: str, proof: str) -> bool:
        return (domain, proof) in self.proofs


@pytest.fixture
def published(app: APIFlask, shop: Shop) -> Published:
    """The shop is at an API where domains have to be shown to be somebody's."""
    made = Published()
    shop.client = create_app(replace(app.extensions[EXTENSION], domains=made)).test_client()
    return made


def fields(answer: dict, *names: str) -> dict:
    return {name: answer[name] for name in names}


def test_the_shops_own_people_change_what_it_is(shop: Shop, postgres: psycopg.Connection) -> None:
    wanted = {"name": "Käse & Co", "locales": ["de-AT", "en"], "default_locale": "de-AT", "time_zone": "Europe/Vienna"}

    answer = shop.call("PATCH", "/v1/shop", wanted, If_Match='"1"')
    again = shop.call("PATCH", "/v1/shop", wanted)

    assert (answer.status_code, fields(answer.json, *wanted)) == (200, wanted)
    assert (answer.headers["ETag"], again.headers["ETag"]) == ('"2"', '"2"')
    assert shop.get("/v1/shop").json["name"] == "Käse & Co"
    told = left(postgres, shop.id)
    assert [(one.type, one.version) for one in told] == [("tenant.created", 1), ("tenant.updated", 2)]
    assert set(told[1].event.changed) == set(wanted)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"default_locale": "fr"}, "default_locale"),
        ({"locales": ["en", "en"]}, "locales"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"currency": "XXX"}, "currency"),
        ({"modules": ["orders"]}, "modules"),
    ],
)
def test_what_a_shop_cannot_be_is_refused_by_its_field(shop: Shop, wrong: dict, field: str) -> None:
    answer = shop.call("PATCH", "/v1/shop", wrong)

    assert answer.status_code == 422
    assert field in answer.get_json(force=True)["errors"][0]["field"]


def test_a_change_is_made_to_the_version_that_was_seen(shop: Shop) -> None:
    shop.call("PATCH", "/v1/shop", {"name": "First"})

    assert shop.call("PATCH", "/v1/shop", {"name": "Second"}, If_Match='"1"').status_code == 412


def test_a_shop_with_orders_keeps_its_currency(shop: Shop) -> None:
    before = shop.call("PATCH", "/v1/shop", {"currency": "CHF"}).status_code
    shop.call("PATCH", "/v1/shop", {"currency": "EUR"})
    shop.order(shop.product()["variants"][0]["sku"])

    assert (before, shop.call("PATCH", "/v1/shop", {"currency": "CHF"}).status_code) == (200, 409)


@pytest.mark.parametrize("role", ["manager", "customer", "staff", "anonymous"])
def test_only_its_admin_changes_a_shop(shop: Shop, role: str) -> None:
    assert shop.call("PATCH", "/v1/shop", {"name": "Mine"}, role=role).status_code in (401, 403)


def test_what_is_switched_off_is_not_there_and_says_why(shop: Shop) -> None:
    calls = {
        "search": "/v1/search/products",
        "analytics": "/v1/analytics/sales",
        "registry": "/subjects",
    }
    shop.call("PATCH", "/v1/shop", {"modules": []})

    for module, path in calls.items():
        answer = shop.get(path)
        assert (answer.status_code, module in answer.text) == (404, True), answer.text
    answer = shop.post("/v1/imports/products", {"items": []})
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (404, "module_off")
    assert shop.get("/v1/products").status_code == 200
    shop.call("PATCH", "/v1/shop", {"modules": ["registry", "search"]})
    assert shop.get("/subjects").status_code == 200


def test_the_platform_closes_a_shop_and_opens_it_again(shop: Shop, postgres: psycopg.Connection) -> None:
    closed = shop.for_platform("POST", f"/v1/tenants/{shop.id}/deactivate")
    seen = [shop.get("/v1/products").status_code, shop.get("/v1/products", role="anonymous").status_code]
    opened = shop.for_platform("POST", f"/v1/tenants/{shop.id}/reactivate")

    assert (closed.status_code, closed.json["active"], closed.json["version"]) == (200, False, 2)
    assert seen == [403, 403]
    assert (opened.status_code, opened.json["active"]) == (200, True)
    assert shop.get("/v1/products").status_code == 200
    assert [one.type for one in left(postgres, shop.id)] == ["tenant.created", "tenant.deactivated", "tenant.updated"]


def test_no_shop_closes_itself_or_reaches_another(open_shop: Callable[..., Shop]) -> None:
    own, other = open_shop(), open_shop()

    for method, path in (
        ("POST", f"/v1/tenants/{own.id}/deactivate"),
        ("PATCH", f"/v1/tenants/{other.id}"),
        ("GET", f"/v1/tenants/{other.id}/domains"),
        ("DELETE", f"/v1/tenants/{other.id}/domains/{other.tenant['domains'][0]}"),
    ):
        assert own.call(method, path, {} if method == "PATCH" else None).status_code == 403


def test_a_domain_is_the_shops_once_it_publishes_the_proof(shop: Shop, published: Published) -> None:
    own = shop.tenant["slug"]
    added = shop.post("/v1/shop/domains", {"domain": f"Käse.{own}.Example"})
    proof = added.json["proof"]
    name = added.json["domain"]
    nobodys = shop.client.get("/v1/products", headers={"Host": name}).status_code
    refused = shop.post(f"/v1/shop/domains/{name}/verify")

    published.proofs.add((name, proof["file_text"]))
    verified = shop.post(f"/v1/shop/domains/{name}/verify")

    assert (added.status_code, name, added.json["verified"]) == (201, f"xn--kse-qla.{own}.example", False)
    assert proof["txt_name"] == f"_rustok.{name}"
    assert proof["txt_value"] == f"rustok-domain={proof['file_text']}"
    assert (refused.status_code, refused.get_json(force=True)["code"]) == (409, "not_proven")
    assert nobodys == 401
    assert (verified.status_code, verified.json) == (200, {"domain": name, "verified": True, "proof": None})
    assert shop.client.get("/v1/products", headers={"Host": name}).status_code == 200
    assert name in shop.get("/v1/shop").json["domains"]


def test_who_only_says_that_a_domain_is_theirs_keeps_it_from_nobody(
    open_shop: Callable[..., Shop], app: APIFlask
) -> None:
    published = Published()
    client = create_app(replace(app.extensions[EXTENSION], domains=published)).test_client()
    squatter, owner = open_shop(), open_shop()
    squatter.client = owner.client = client
    name = f"www.{owner.tenant['slug']}.example"
    squatters = squatter.post("/v1/shop/domains", {"domain": name}).json["proof"]["file_text"]
    owners = owner.post("/v1/shop/domains", {"domain": name}).json["proof"]["file_text"]

    published.proofs.add((name, owners))

    assert squatters != owners
    assert squatter.post(f"/v1/shop/domains/{name}/verify").status_code == 409
    assert owner.post(f"/v1/shop/domains/{name}/verify").status_code == 200
    published.proofs.add((name, squatters))
    taken = squatter.post(f"/v1/shop/domains/{name}/verify")
    assert (taken.status_code, taken.get_json(force=True)["code"]) == (409, "taken")


def test_a_domain_that_is_taken_away_is_nobodys(shop: Shop, published: Published) -> None:
    own, claimed = shop.tenant["domains"][0], shop.post("/v1/shop/domains", {"domain": "claimed.example"}).json

    removed = [shop.call("DELETE", f"/v1/shop/domains/{name}").status_code for name in (own, claimed["domain"])]

    assert removed == [204, 204]
    assert shop.get("/v1/shop/domains").json == {"items": []}
    assert shop.call("DELETE", f"/v1/shop/domains/{own}").status_code == 404


@pytest.mark.parametrize("name", ["localhost", "192.0.2.1", "[::1]", "a..b", "shop.example:80", "http://shop.example"])
def test_what_is_no_host_is_no_domain(shop: Shop, name: str) -> None:
    assert shop.post("/v1/shop/domains", {"domain": name}).status_code == 422


def test_the_platform_gives_a_shop_domains_that_it_still_has_to_show(
    shop: Shop, published: Published, postgres: psycopg.Connection
) -> None:
    slug = f"{shop.tenant['slug']}-2"
    made = shop.for_platform("POST", "/v1/tenants", {"slug": slug, "name": "2", "domains": [f"{slug}.example"]}).json
    listed = shop.for_platform("GET", f"/v1/tenants/{made['id']}/domains").json["items"]

    assert (made["domains"], [one["verified"] for one in listed]) == ([], [False])
    assert shop.for_platform("DELETE", f"/v1/tenants/{made['id']}/domains/{slug}.example").status_code == 204
