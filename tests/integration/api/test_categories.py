import psycopg
import pytest

from tests.integration.api.outbox import left
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers


def body(name: str, **different: object) -> dict[str, object]:
    return {"translations": [{"locale": "en", "name": name}], **different}


def test_a_tree_grows_from_its_root(shop: Shop, postgres: psycopg.Connection) -> None:
    dairy = shop.post("/v1/categories", body("Dairy")).json
    cheese = shop.post("/v1/categories", body("Cheese", parent_id=dairy["id"])).json

    assert cheese["path"] == [dairy["id"], cheese["id"]]
    told = left(postgres, shop.id, cheese["id"])
    assert [str(step) for step in told[0].event.category.path] == cheese["path"]


def test_a_category_changes_and_is_read_as_it_became(shop: Shop) -> None:
    made = shop.post("/v1/categories", body("Dairy")).json

    changed = shop.call("PATCH", f"/v1/categories/{made['id']}", body("Milk", position=3)).json

    assert (changed["version"], changed["position"], changed["translations"][0]["name"]) == (2, 3, "Milk")
    read = shop.get(f"/v1/categories/{made['id']}").json
    assert read == {name: value for name, value in changed.items() if name != "receipt"}
    assert shop.get("/v1/categories", role="anonymous").json["items"] == [read]


def test_a_parent_must_be_there(shop: Shop) -> None:
    answer = shop.post("/v1/categories", body("Cheese", parent_id="0197a000-0000-7000-8000-000000000000"))

    assert (answer.status_code, answer.get_json(force=True)["errors"][0]["field"]) == (422, "parent_id")
