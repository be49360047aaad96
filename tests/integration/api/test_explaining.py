"""What `rustok api explain` says is what the API says, of people, tokens and roles."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from apiflask import APIFlask

from api.domain.conditions import Surroundings
from api.domain.errors import Invalid, NotFound
from api.domain.explain_decision import Verdict
from api.store.store import Store
from api.use_cases.explain_access import AccessQuestion, Answer, explain_to_operator
from api.wsgi import now
from tests.integration.api.people import People, people_of
from tests.integration.api.shops import Shop
from tests.support.stack import Stack

pytestmark = pytest.mark.servers

PAID = {"field": "status", "op": "eq", "value": "paid"}


@pytest.fixture
def people(app: APIFlask, shop: Shop) -> Iterator[People]:
    yield from people_of(app, shop)


@pytest.fixture
def clerk(people: People) -> dict[str, str]:
    """Somebody who may read paid orders: id, e-mail."""
    grants = [{"resource": "orders", "actions": ["read", "list"], "when": [PAID]}]
    role = people.shop.post("/v1/roles", {"name": "paid clerk", "grants": grants}).json["id"]
    return dict(people.invite("staff", role_ids=[role]))


def asked(store: Store, shop: Shop, who: str, permission: str, thing: str | None = None) -> Answer:
    id_ = None if thing is None else UUID(thing)
    question = AccessQuestion(who=who, permission=permission, thing_id=id_, around=Surroundings(at=now()))
    return explain_to_operator(store, shop.tenant["slug"], question)


def test_somebody_is_found_by_id_and_by_address(people: People, store: Store, clerk: dict[str, str]) -> None:
    order = people.shop.order(people.shop.product()["variants"][0]["sku"])["id"]

    for who in (clerk["id"], clerk["email"].upper()):
        found = asked(store, people.shop, who, "orders:read", order)
        assert found.explanation.verdict is Verdict.DENIED
        assert found.explanation.others[0].failing == ("status eq paid",)
        assert asked(store, people.shop, who, "orders:list").explanation.verdict is Verdict.FOR_SOME
        assert asked(store, people.shop, who, "account:read").explanation.verdict is Verdict.ALLOWED


def test_who_is_shut_out_is_denied_whatever_they_may_do(people: People, store: Store, clerk: dict[str, str]) -> None:
    people.shop.call("PATCH", f"/v1/users/{clerk['id']}", {"status": "banned"})

    assert asked(store, people.shop, clerk["id"], "orders:list").subject.shut_out == "they are banned"


def test_what_the_shop_has_switched_off_is_denied_to_all(store: Store, shop: Shop) -> None:
    assert shop.for_platform("PATCH", f"/v1/tenants/{shop.id}", {"modules": ["search"]}).status_code == 200

    assert asked(store, shop, "admin", "analytics:read").subject.shut_out == "the shop has switched analytics off"
    assert asked(store, shop, "admin", "search:read").subject.shut_out == ""


def test_a_token_is_found_by_its_id_alone(people: People, store: Store) -> None:
    ends = f"{now() + timedelta(days=1):%FT%TZ}"
    body = {"name": "till", "permissions": ["orders:list"], "expires_at": ends}
    made = people.shop.post("/v1/service-tokens", body).json

    def ask(who: str, permission: str) -> Answer:
        question = AccessQuestion(who=who, permission=permission, around=Surroundings(at=now()))
        return explain_to_operator(store, None, question)

    given = ask(made["id"], "orders:list")
    missing = ask(f"token:{made['id']}", "orders:read")
    people.shop.call("DELETE", f"/v1/service-tokens/{made['id']}")
    revoked = ask(made["id"], "orders:list")

    assert (given.explanation.verdict, given.explanation.deciding[0].source) == (Verdict.ALLOWED, "token till")
    assert missing.explanation.verdict is Verdict.DENIED
    assert revoked.subject.shut_out == "the token was revoked or has expired"


def test_a_role_is_found_by_its_name(people: People, store: Store, clerk: dict[str, str]) -> None:
    assert asked(store, people.shop, "paid clerk", "orders:read").explanation.verdict is Verdict.FOR_SOME
    assert asked(store, people.shop, "manager", "orders:delete").explanation.verdict is Verdict.DENIED


def test_nobody_is_told_of_who_or_what_is_not_there(people: People, store: Store, clerk: dict[str, str]) -> None:
    for who in (str(uuid4()), "nobody@shop.example", "pirate"):
        with pytest.raises(NotFound):
            asked(store, people.shop, who, "orders:read")
    with pytest.raises(NotFound):
        asked(store, people.shop, clerk["id"], "orders:read", str(uuid4()))
    with pytest.raises(Invalid):
        asked(store, people.shop, clerk["id"], "categories:read", str(uuid4()))


def test_it_is_said_in_words(people: People, servers: Stack, clerk: dict[str, str]) -> None:
    slug = people.shop.tenant["slug"]

    said = servers.rustok("api", "explain", clerk["email"], "orders:delete", "--tenant", slug, check=False)

    assert (said.returncode, said.stdout.splitlines()) == (
        1,
        [f"denied: orders:delete for user {clerk['id']}", "  because nothing gives it"],
    )


def test_a_permission_that_there_is_not_is_refused_with_those_there_are(
    people: People, servers: Stack, clerk: dict[str, str]
) -> None:
    told = people.shop.get(f"/v1/access?actor={clerk['id']}&permission=orders:fly")
    said = servers.rustok(
        "api", "explain", clerk["id"], "orders:fly", "--tenant", people.shop.tenant["slug"], check=False
    )

    (error,) = told.json["errors"]
    assert (told.status_code, error["field"], error["code"]) == (422, "permission", "unknown_permission")
    assert "resources are account, analytics, " in error["message"]
    assert "actions are cancel, contact, create, " in error["message"]
    assert said.returncode != 0
    assert error["message"] in said.stderr


def test_an_owner_asks_why_as_who_runs_it_does(people: People, servers: Stack, clerk: dict[str, str]) -> None:
    order = people.shop.order(people.shop.product()["variants"][0]["sku"])["id"]
    slug = people.shop.tenant["slug"]

    told = people.shop.get(
        f"/v1/access?actor={clerk['email']}&permission=orders:read&id={order}&at=2026-03-01T09:00:00Z"
    )
    said = servers.rustok(
        *("api", "explain", clerk["email"], "orders:read", order),
        *("--tenant", slug, "--json", "--at", "2026-03-01T09:00Z"),
        check=False,
    )

    assert (told.status_code, told.json["verdict"], told.json["subject"]) == (200, "denied", f"user {clerk['id']}")
    assert told.json["others"][0]["does_not_hold"] == ["status eq paid"]
    assert json.loads(said.stdout) == told.json


def test_a_condition_on_the_time_says_which_time_was_compared_and_where(people: People) -> None:
    people.shop.call("PATCH", "/v1/shop", {"time_zone": "Asia/Kolkata"})
    day = {"field": "time", "op": "between", "value": ["08:00", "18:00"]}
    grants = [{"resource": "orders", "actions": ["list"], "when": [day]}]
    people.shop.post("/v1/roles", {"name": "by day", "grants": grants})

    noon, night = (
        people.shop.get(f"/v1/access?actor=by%20day&permission=orders:list&at=2026-03-01T{hour}:00:30Z").json
        for hour in ("06", "20")
    )

    assert (noon["verdict"], noon["time_zone"]) == ("allowed", "Asia/Kolkata")
    assert noon["deciding"][0]["when"] == ["time between 08:00, 18:00 (it is 11:30:30 in Asia/Kolkata)"]
    assert (night["verdict"], night["others"][0]["does_not_hold"]) == (
        "denied",
        ["time between 08:00, 18:00 (it is 01:30:30 in Asia/Kolkata)"],
    )


def test_of_another_shop_nobody_and_nothing_is_explained(
    people: People, clerk: dict[str, str], open_shop: Callable[..., Shop]
) -> None:
    other = open_shop()
    ends = f"{now() + timedelta(days=1):%FT%TZ}"
    body = {"name": "till", "permissions": ["orders:list"], "expires_at": ends}
    token = people.shop.post("/v1/service-tokens", body).json["id"]
    order = people.shop.order(people.shop.product()["variants"][0]["sku"])["id"]

    def status(actor: str, more: str = "") -> int:
        return other.get(f"/v1/access?actor={actor}&permission=orders:read{more}").status_code

    asked = [clerk["id"], clerk["email"], token, f"token:{token}", "paid clerk", str(uuid4())]
    assert [status(who) for who in asked] == [404] * len(asked)
    assert [status("manager", f"&id={one}") for one in (order, str(uuid4()))] == [404, 404]
    assert people.shop.get(f"/v1/access?actor={token}&permission=orders:list").json["verdict"] == "allowed"
    platform = people.shop.for_platform("GET", f"/v1/access?actor={token}&permission=orders:list")
    assert platform.status_code == 404


def test_who_does_not_see_an_order_learns_nothing_of_it(people: People, clerk: dict[str, str]) -> None:
    order = people.shop.order(people.shop.product()["variants"][0]["sku"])["id"]
    helper = {"name": "helper", "grants": [{"resource": "users", "actions": ["read"]}]}
    role = people.shop.post("/v1/roles", helper).json["id"]
    given = people.signed_in(people.invite("staff", role_ids=[role])["email"])
    path = f"/v1/access?actor={clerk['id']}&permission=orders:read"

    about_any, about_one = (people.call(given, "GET", f"{path}{more}") for more in ("", f"&id={order}"))

    assert (about_any.status_code, about_any.json["verdict"], about_one.status_code) == (200, "allowed for some", 404)
    assert people.call(people.signed_in(clerk["email"]), "GET", path).status_code == 403
