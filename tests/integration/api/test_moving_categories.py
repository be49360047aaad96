"""The tree of a shop changes its form: what is in a category goes with it, and the database keeps it a tree."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from api.wsgi import now
from schemas.events.category import CategoryDeleted, CategoryMoved
from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop, product_body

pytestmark = pytest.mark.servers


def category(shop: Shop, name: str, parent: Any = None, **texts: str) -> Any:
    """With a slug by its name in English; others are `locale="Name"`."""
    made = shop.post(
        "/v1/categories",
        {
            "parent_id": None if parent is None else parent["id"],
            "translations": [
                {"locale": locale, "name": text, "slug": text.lower()} for locale, text in {"en": name, **texts}.items()
            ],
        },
    )
    assert made.status_code == 201, made.text
    return made.json


def move(shop: Shop, one: Any, parent: Any, **more: Any) -> Any:
    body = {"parent_id": None if parent is None else parent["id"], **more}
    return shop.post(f"/v1/categories/{one['id']}/move", body)


def path(shop: Shop, one: Any) -> list[str]:
    return list(shop.get(f"/v1/categories/{one['id']}").json["path"])


def rename(shop: Shop, one: Any, name: str, **more: str) -> None:
    text = {"locale": "en", "name": name, "slug": name.lower()}
    assert shop.call("PATCH", f"/v1/categories/{one['id']}", {"translations": [text]}).status_code == 200


def test_a_category_moves_with_all_that_is_in_it_and_says_so(shop: Shop, postgres: psycopg.Connection) -> None:
    bakery, dairy = category(shop, "Bakery"), category(shop, "Dairy")
    bread = category(shop, "Bread", bakery)
    rye = category(shop, "Rye", bread)

    moved = move(shop, bread, dairy, position=3)

    assert (moved.status_code, moved.json["version"], moved.json["position"]) == (200, 2, 3)
    assert moved.json["path"] == [dairy["id"], bread["id"]]
    assert path(shop, rye) == [dairy["id"], bread["id"], rye["id"]]
    for one, before in ((bread, bread["path"]), (rye, rye["path"])):
        told = left(postgres, shop.id, one["id"])[-1]
        assert isinstance(told.event, CategoryMoved)
        assert (told.type, told.version) == ("category.moved", 2)
        assert [str(step) for step in told.event.path_before] == before


def test_a_move_is_refused_that_makes_no_tree_or_was_decided_on_another_version(shop: Shop) -> None:
    dairy = category(shop, "Dairy")
    cheese = category(shop, "Cheese", dairy)

    refused = [
        move(shop, dairy, cheese),
        move(shop, dairy, dairy),
        move(shop, cheese, {"id": "0197a000-0000-7000-8000-000000000000"}),
        shop.post(f"/v1/categories/{cheese['id']}/move", {}),
        shop.post(f"/v1/categories/{cheese['id']}/move", {"parent_id": None}, If_Match='"7"'),
    ]

    assert [answer.status_code for answer in refused] == [422, 422, 422, 422, 412]
    assert [answer.get_json(force=True)["errors"][0]["field"] for answer in refused[:4]] == ["parent_id"] * 4
    assert path(shop, cheese) == cheese["path"]


def test_of_many_moves_at_once_that_would_make_a_circle_one_way_is_left(
    shop: Shop, postgres: psycopg.Connection
) -> None:
    ring = [category(shop, f"Ring{number}") for number in range(4)]
    headers = shop.headers("admin")

    def below_the_next(number: int) -> int:
        path, body = f"/v1/categories/{ring[number % 4]['id']}/move", {"parent_id": ring[(number + 1) % 4]["id"]}
        return shop.client.application.test_client().post(path, json=body, headers=headers).status_code

    with ThreadPoolExecutor(8) as several:
        answers = list(several.map(below_the_next, range(24)))

    assert set(answers) == {200, 422}
    paths = [path(shop, one) for one in ring]
    assert sorted(len(one) for one in paths) == [1, 2, 3, 4]


def test_a_category_that_is_made_in_one_that_moves_is_where_that_is(shop: Shop) -> None:
    homes = [category(shop, f"Home{number}") for number in range(2)]
    bread = category(shop, "Bread", homes[0])
    headers = shop.headers("admin")

    def work(number: int) -> int:
        client = shop.client.application.test_client()
        if number % 2:
            body = {"parent_id": homes[number // 2 % 2]["id"]}
            return client.post(f"/v1/categories/{bread['id']}/move", json=body, headers=headers).status_code
        made = {"parent_id": bread["id"], "translations": [{"locale": "en", "name": f"Loaf {number}"}]}
        return client.post("/v1/categories", json=made, headers=headers).status_code

    with ThreadPoolExecutor(8) as several:
        answers = list(several.map(work, range(24)))

    assert set(answers) == {200, 201}
    above = path(shop, bread)
    loaves = [one["path"] for one in shop.get("/v1/categories?limit=100").json["items"] if bread["id"] in one["path"]]
    assert len(loaves) == 13
    assert all(one[:2] == above for one in loaves)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE categories SET parent_id = %(cheese)s, path = ARRAY[%(cheese)s, id]::uuid[] WHERE id = %(dairy)s",
        "UPDATE categories SET parent_id = NULL, path = ARRAY[id] WHERE id = %(cheese)s",
        "UPDATE categories SET path = ARRAY[%(blue)s, id]::uuid[], parent_id = %(blue)s WHERE id = %(cheese)s",
        "UPDATE categories SET path = ARRAY[%(blue)s, parent_id, id]::uuid[] WHERE id = %(cheese)s",
        "INSERT INTO categories (tenant_id, id, version, parent_id, path, position)"
        " SELECT tenant_id, tenant_id, 1, id, ARRAY[id, tenant_id], 0 FROM categories WHERE id = %(cheese)s",
    ],
    ids=[
        "a circle",
        "its children stay behind",
        "below its own child",
        "a way that is none",
        "a child beside its parent",
    ],
)
def test_the_database_keeps_the_tree_by_itself(shop: Shop, postgres: psycopg.Connection, change: str) -> None:
    dairy = category(shop, "Dairy")
    cheese = category(shop, "Cheese", dairy)
    blue = category(shop, "Blue", cheese)

    with pytest.raises(psycopg.errors.CheckViolation):
        postgres.execute(  # type: ignore[call-overload]
            change, {"dairy": dairy["id"], "cheese": cheese["id"], "blue": blue["id"]}
        )


def test_a_category_is_deleted_only_when_nothing_is_in_it(shop: Shop, postgres: psycopg.Connection) -> None:
    dairy = category(shop, "Dairy")
    cheese = category(shop, "Cheese", dairy)
    product = shop.product(category_ids=[cheese["id"]])

    refused = [shop.call("DELETE", f"/v1/categories/{one['id']}").status_code for one in (dairy, cheese)]
    shop.call("PATCH", f"/v1/products/{product['id']}", {"category_ids": []})
    deleted = [shop.call("DELETE", f"/v1/categories/{one['id']}") for one in (cheese, dairy)]

    assert refused == [409, 409]
    assert [(answer.status_code, answer.json["version"]) for answer in deleted] == [(200, 2), (200, 2)]
    assert shop.get(f"/v1/categories/{dairy['id']}").status_code == 404
    assert isinstance(left(postgres, shop.id, dairy["id"])[-1].event, CategoryDeleted)


def test_what_is_in_a_deleted_category_can_be_put_into_its_parent(shop: Shop, postgres: psycopg.Connection) -> None:
    dairy, sale = category(shop, "Dairy"), category(shop, "Sale")
    cheese = category(shop, "Cheese", dairy)
    blue = category(shop, "Blue", cheese)
    mild = category(shop, "Mild", blue)
    products = [
        shop.product(category_ids=[cheese["id"], sale["id"]]),
        shop.product(category_ids=[cheese["id"], dairy["id"]], published=False),
        shop.product(category_ids=[blue["id"]]),
    ]
    shop.post(f"/v1/products/{products[1]['id']}/archive")

    deleted = shop.call("DELETE", f"/v1/categories/{cheese['id']}?reparent=true")

    assert deleted.status_code == 200, deleted.text
    assert path(shop, mild) == [dairy["id"], blue["id"], mild["id"]]
    now = [shop.get(f"/v1/products/{one['id']}").json for one in products]
    assert [one["category_ids"] for one in now] == [[dairy["id"], sale["id"]], [dairy["id"]], [blue["id"]]]
    told = left(postgres, shop.id, products[1]["id"])[-1]
    assert (told.type, told.version) == ("product.updated", 3)
    assert told.event.changed == ("category_ids", "category_path_ids")


def test_a_deleted_root_leaves_its_products_without_it(shop: Shop) -> None:
    dairy = category(shop, "Dairy")
    product = shop.product(category_ids=[dairy["id"]])

    assert shop.call("DELETE", f"/v1/categories/{dairy['id']}?reparent=true").status_code == 200
    assert shop.get(f"/v1/products/{product['id']}").json["category_ids"] == []


def test_who_may_not_change_products_does_not_put_them_elsewhere(shop: Shop) -> None:
    token = shop.post(
        "/v1/service-tokens",
        {
            "name": "gardener",
            "permissions": ["categories:delete"],
            "expires_at": (now() + timedelta(hours=1)).isoformat(),
        },
    )
    dairy = category(shop, "Dairy")
    shop.product(category_ids=[dairy["id"]])

    answer = shop.client.delete(
        f"/v1/categories/{dairy['id']}?reparent=true",
        headers={"Authorization": f"Bearer {token.json['token']}"},
    )

    assert answer.status_code == 403, answer.text


def test_one_name_is_below_two_parents(shop: Shop) -> None:
    parents = [category(shop, "Bakery"), category(shop, "Grains")]
    body = {"translations": [{"locale": "en", "name": "Rye"}]}

    made = [shop.post("/v1/categories", {**body, "parent_id": one["id"]}) for one in parents]

    assert [answer.status_code for answer in made] == [201, 201]
    slugs = [answer.json["translations"][0]["slug"] for answer in made]
    assert slugs[0] != slugs[1]
    assert all(slug.startswith("rye-") for slug in slugs)


def test_a_category_is_found_by_the_slugs_of_its_path_in_a_language(shop: Shop) -> None:
    bakery = category(shop, "Bakery", de="Backwaren")
    bread = category(shop, "Bread", bakery, de="Brot")
    rye = category(shop, "Rye", bread)

    found = [
        shop.get(f"/v1/categories/by-path/{address}", role="anonymous")
        for address in ("bakery/bread/rye", "backwaren/brot?locale=de-AT", "backwaren/brot/rye?locale=de")
    ]

    assert [answer.status_code for answer in found] == [200, 200, 200]
    assert [answer.json["id"] for answer in found] == [rye["id"], bread["id"], rye["id"]]
    assert found[0].headers["ETag"] == '"1"'
    assert shop.get("/v1/categories/by-slug/brot").json["id"] == bread["id"]
    assert [
        shop.get(f"/v1/categories/by-{address}").status_code for address in ("path/bakery/toast", "slug/toast")
    ] == [404, 404]


def test_an_address_that_a_category_had_leads_to_the_one_it_has(shop: Shop) -> None:
    bakery, dairy = category(shop, "Bakery"), category(shop, "Dairy")
    bread = category(shop, "Bread", bakery)

    move(shop, bread, dairy)
    rename(shop, bread, "Loaves")
    rename(shop, dairy, "Milk")

    for old in ("path/bakery/bread", "path/dairy/bread", "path/bakery/loaves", "path/bread"):
        answer = shop.get(f"/v1/categories/by-{old}?locale=en", role="anonymous")
        assert (answer.status_code, answer.headers["Location"], answer.headers["Cache-Control"]) == (
            301,
            "/v1/categories/by-path/milk/loaves?locale=en",
            "private, no-cache",
        )
    assert shop.get("/v1/categories/by-slug/bread").headers["Location"] == "/v1/categories/by-slug/loaves"
    assert shop.get("/v1/categories/by-path/milk/loaves").json["id"] == bread["id"]


def test_an_address_that_is_somebodys_in_another_language_leads_in_no_circle(shop: Shop) -> None:
    """`due` is *of two* in Italian, and *what is owed* in English."""
    owed = category(shop, "Due")
    made = shop.post("/v1/categories", {"translations": [{"locale": "it", "name": "Due", "slug": "due"}]}).json
    below = shop.post(
        "/v1/categories",
        {"parent_id": made["id"], "translations": [{"locale": "it", "name": "Tre", "slug": "due-tre"}]},
    ).json

    found = [shop.get(f"/v1/categories/by-{one}") for one in ("path/due", "path/due?locale=it", "path/due/due-tre")]

    assert [answer.status_code for answer in found] == [200, 200, 200]
    assert [answer.json["id"] for answer in found] == [owed["id"], made["id"], below["id"]]


def test_a_slug_that_somebody_takes_over_is_theirs(shop: Shop) -> None:
    bread = category(shop, "Bread")
    rename(shop, bread, "Loaves")

    other = category(shop, "Bread")

    assert shop.get("/v1/categories/by-slug/bread").json["id"] == other["id"]
    assert shop.call("DELETE", f"/v1/categories/{other['id']}").status_code == 200
    assert shop.get("/v1/categories/by-slug/bread").status_code == 404


def test_a_move_takes_few_statements_however_much_is_moved(shop: Shop, postgres: psycopg.Connection) -> None:
    """A hundred categories and a product in each: nothing is said of products, and everything in one transaction."""
    homes = [category(shop, f"Home{number}") for number in range(2)]
    items = [
        {
            "external_id": f"c{n}",
            "parent": None if n == 0 else "c0",
            "translations": [{"locale": "en", "name": f"C {n}"}],
        }
        for n in range(100)
    ]
    imported = shop.post("/v1/imports/categories", {"items": items}).json["items"]
    root = {"id": imported[0]["id"]}
    product = shop.post("/v1/products", product_body(category_ids=[imported[7]["id"]])).json

    assert move(shop, root, homes[1]).status_code == 200

    told = [one.row for one in left(postgres, shop.id) if one.type == "category.moved"]
    assert len(told) == 100
    assert len({row["causation_id"] for row in told}) == 1
    assert [one.version for one in left(postgres, shop.id, product["id"])] == [1]
    assert shop.get(f"/v1/products/{product['id']}").headers["ETag"] == '"1"'
