"""What `rustok api explain` says is what the API says, of people, tokens and roles."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from apiflask import APIFlask

from api.domain.conditions import Surroundings
from api.domain.errors import Invalid, NotFound
from api.domain.explain_decision import Verdict
from api.store.store import Store
from api.use_cases.explain_access import Answer, explain_access
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
    return explain_access(store, who, shop.tenant["slug"], permission, id_, Surroundings(at=now()))


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
    around = Surroundings(at=now())

    given = explain_access(store, made["id"], None, "orders:list", None, around)
    missing = explain_access(store, f"token:{made['id']}", None, "orders:read", None, around)
    people.shop.call("DELETE", f"/v1/service-tokens/{made['id']}")
    revoked = explain_access(store, made["id"], None, "orders:list", None, around)

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
