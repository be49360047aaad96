"""Who did what: a row for each privileged act, in its transaction, and for each refusal; shown to whom it concerns."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from apiflask import APIFlask
from psycopg.rows import dict_row

from api.app import create_app
from api.http.dependencies import EXTENSION, Dependencies
from api.store.errors import StoreDown
from api.store.store import NO_TENANT, Store
from tests.integration.api.people import PASSWORD, People, people_of
from tests.integration.api.shops import Shop
from tests.support.stack import Stack

pytestmark = pytest.mark.servers

ROLE = {"name": "clerk", "grants": [{"resource": "orders", "actions": ["read"]}]}
Rows = list[dict[str, Any]]
Trail = Callable[..., Rows]


@pytest.fixture
def people(app: APIFlask, shop: Shop) -> Iterator[People]:
    yield from people_of(app, shop)


@pytest.fixture
def trail(app: APIFlask, postgres: psycopg.Connection) -> Trail:
    """The rows that fit, the oldest first; refusals that wait are written before."""
    own: Dependencies = app.extensions[EXTENSION]

    def rows(**fitting: Any) -> Rows:
        own.denied.flush()
        where = " AND ".join(f"{name} = %({name})s" for name in fitting)
        with postgres.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(f"SELECT * FROM audit WHERE {where} ORDER BY at, id", fitting).fetchall()

    return rows


def acts(rows: Rows) -> list[tuple[str, str]]:
    return [(row["act"], row["outcome"]) for row in rows]


def dead_letter(postgres: psycopg.Connection, tenant_id: UUID | None) -> UUID:
    row = postgres.execute(
        """
        INSERT INTO dead_letters (id, tenant_id, feed, topic, "partition", "offset", headers, committed_at, parked,
            event_type, error, reason, pattern, cause, attempts, first_failed_at, last_failed_at, state)
        VALUES (gen_random_uuid(), %s, 'sales', gen_random_uuid()::text, 0, 0, '[]', now(), false, 'order.paid', 'E',
            'r', 'r', 'c', 1, now(), now(), 'open') RETURNING id
        """,
        (tenant_id,),
    ).fetchone()
    assert row is not None
    return UUID(str(row[0]))


def test_a_row_says_who_what_when_where_and_why(shop: Shop, trail: Trail) -> None:
    made = shop.post(
        "/v1/roles", ROLE, X_Reason="ticket 7: Käse".encode().decode("latin-1"), X_Correlation_Id="the-request"
    )

    (row,) = trail(tenant_id=shop.id)

    assert (row["actor_id"], row["role"], row["act"], row["object"], row["outcome"]) == (
        "boss",
        "admin",
        "roles:create",
        made.json["id"],
        "done",
    )
    assert (row["reason"], row["address"], row["correlation_id"]) == ("ticket 7: Käse", "127.0.0.1", "the-request")
    assert (row["detail"], row["about"]) == ({"call": "POST /v1/roles"}, None)


def test_what_a_shop_does_all_day_leaves_none(shop: Shop, trail: Trail) -> None:
    shop.order(shop.product()["variants"][0]["sku"])
    shop.get("/v1/roles")

    assert trail(tenant_id=shop.id) == []


def test_who_moved_an_order_on_is_written_down(shop: Shop, trail: Trail) -> None:
    order = shop.order(shop.product()["variants"][0]["sku"])["id"]
    shop.post(f"/v1/orders/{order}/confirm", actor="carl")
    shop.post(f"/v1/orders/{order}/pay", {"payment_id": "p1"})
    refund = {"reason": "broken", "refund_minor": 100}
    answers = [shop.post(f"/v1/orders/{order}/cancel", refund, actor="dora") for _ in range(2)]

    rows = trail(tenant_id=shop.id)

    assert [answer.status_code for answer in answers] == [200, 409]
    assert {(row["object"], row["outcome"]) for row in rows} == {(order, "done")}
    assert [(row["actor_id"], row["act"], row["detail"]["call"].rpartition("/")[2]) for row in rows] == [
        ("carl", "orders:update", "confirm"),
        ("boss", "orders:update", "pay"),
        ("dora", "orders:cancel", "cancel"),
    ]


def test_a_row_says_which_fields_changed(shop: Shop, trail: Trail, people: People) -> None:
    anna = people.invite("manager")
    shop.call("PATCH", "/v1/shop", {"name": "Another", "time_zone": "Europe/Berlin"})
    shop.post("/v1/shop/domains", {"domain": "www.corner-of-anna.example"})
    shop.call("DELETE", "/v1/shop/domains/www.corner-of-anna.example")
    shop.call("PATCH", f"/v1/users/{anna['id']}", {"name": "Annabella", "role": "staff"})

    shops, domains = trail(tenant_id=shop.id, object=str(shop.id)), trail(tenant_id=shop.id, act="shop:update")[1:]
    (user,) = trail(tenant_id=shop.id, act="users:update")

    assert [row["detail"] for row in shops] == [{"call": "PATCH /v1/shop", "changed": "name, time_zone"}]
    assert [row["object"] for row in domains] == ["www.corner-of-anna.example"] * 2
    assert user["object"] == anna["id"]
    assert user["detail"] == {
        "call": "PATCH /v1/users/{user_id}",
        "changed": "name, role",
        "role_was": "manager",
        "role": "staff",
    }


def test_what_no_row_can_have_is_refused(shop: Shop) -> None:
    for asked, field in (("act=users:fly", "act"), ("actor=carl@corner.example", "actor"), ("actor=token:1", "actor")):
        for path in ("/v1/audit", "/v1/audit/export"):
            answer = shop.get(f"{path}?{asked}")

            assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)
    for asked in (
        "act=account:sign_in",
        "act=keys:rotate",
        "act=users:update",
        f"actor=token:{shop.id}",
        "actor=machine:a@b",
    ):
        assert shop.get(f"/v1/audit?{asked}").status_code == 200


def test_a_change_that_comes_to_nothing_leaves_none(shop: Shop, trail: Trail) -> None:
    shop.post("/v1/roles", ROLE)
    again = shop.post("/v1/roles", ROLE)
    missing = shop.call("DELETE", f"/v1/roles/{uuid4()}")

    assert (again.status_code, missing.status_code) == (409, 404)
    assert acts(trail(tenant_id=shop.id)) == [("roles:create", "done")]


def test_the_same_command_again_is_one_act(shop: Shop, trail: Trail) -> None:
    answers = [shop.post("/v1/roles", ROLE, Idempotency_Key="once") for _ in range(3)]

    assert {answer.json["id"] for answer in answers} == {trail(tenant_id=shop.id)[0]["object"]}
    assert len(trail(tenant_id=shop.id)) == 1


def test_who_may_not_is_written_down_with_how_often(shop: Shop, trail: Trail) -> None:
    token = uuid4()
    for _ in range(5):
        assert shop.call("DELETE", f"/v1/service-tokens/{token}", role="manager", actor="carl").status_code == 403

    rows = trail(tenant_id=shop.id)

    assert {(row["actor_id"], row["act"], row["outcome"]) for row in rows} == {
        ("carl", "service_tokens:delete", "denied")
    }
    assert rows[0]["object"] == str(token)
    assert len(rows) <= 2
    assert rows[0]["detail"]["call"] == "DELETE /v1/service-tokens/{token_id}"


def test_who_gives_more_than_they_have_is_written_down(shop: Shop, trail: Trail, people: People) -> None:
    clerk = shop.post("/v1/roles", {**ROLE, "grants": [{"resource": "roles", "actions": ["create"]}]}).json
    anna = people.invite("staff", role_ids=[clerk["id"]])
    given = people.signed_in(anna["email"])

    refused = people.call(given, "POST", "/v1/roles", {**ROLE, "name": "more"})

    assert refused.status_code == 403
    assert ("roles:create", "denied") in acts(trail(tenant_id=shop.id, actor_id=anna["id"]))


def test_whatever_somebody_sends_the_refusal_is_written(shop: Shop, trail: Trail) -> None:
    shop.call("GET", "/v1/tenants/%00%ff%ed%a0%80\u2028", actor="dora")

    (row,) = trail(tenant_id=shop.id, actor_id="dora")

    assert (row["act"], row["outcome"]) == ("tenants:read", "denied")


def test_signing_in_and_failing_to_is_written_down_by_the_id(shop: Shop, trail: Trail, people: People) -> None:
    anna = people.invite("manager")
    people.log_in(anna["email"], "not the password")
    people.log_in("nobody@shop.example")
    given = people.signed_in(anna["email"])
    people.post("/v1/auth/logout", {"refresh_token": given["refresh_token"]})

    own = acts(trail(tenant_id=shop.id, actor_id=anna["id"]))
    nobodys = acts(trail(tenant_id=shop.id, actor_id="anonymous"))

    assert sorted(own) == [
        ("account:set_password", "done"),
        ("account:sign_in", "done"),
        ("account:sign_in", "failed"),
        ("account:sign_out", "done"),
    ]
    assert nobodys == [("account:sign_in", "failed")]


def test_a_refresh_token_that_came_twice_is_written_down(app: APIFlask, shop: Shop, trail: Trail) -> None:
    (people,) = people_of(app, shop, grace=timedelta(0))
    anna = people.invite("manager")
    first = people.signed_in(anna["email"])["refresh_token"]
    people.refresh(first)

    again = people.refresh(first)

    assert again.status_code == 401
    (row,) = trail(tenant_id=shop.id, act="account:refresh_reused")
    assert (row["actor_id"], row["outcome"]) == (anna["id"], "denied")


def test_nothing_of_people_and_no_secret_is_in_it(shop: Shop, people: People, postgres: psycopg.Connection) -> None:
    email, slug = people.email(), shop.tenant["slug"]
    people.post("/v1/auth/register", {"email": email, "password": PASSWORD, "name": "Annabella", "shop": slug})
    people.post("/v1/auth/verify", {"token": (link := people.mailbox.token(email, "verification"))})
    people.post("/v1/auth/reset", {"email": email, "shop": slug})
    reset = people.mailbox.token(email, "password")
    people.post("/v1/auth/password", {"token": reset, "password": PASSWORD})
    given = people.signed_in(email)
    people.log_in(email, "a wrong password")
    people.call(given, "POST", "/v1/account/password", {"old": PASSWORD, "new": "a new password now"})
    anna = people.invite("manager", name="Annabella")
    shop.call("PATCH", f"/v1/users/{anna['id']}", {"name": "Annabella B."})
    made = shop.post("/v1/service-tokens", {"name": "till", "kind": "search"})
    people.app.extensions[EXTENSION].denied.flush()

    rows = postgres.execute("SELECT a::text FROM audit a WHERE tenant_id = %s", (shop.id,)).fetchall()

    text = "\n".join(row for (row,) in rows)
    assert len(rows) > 9
    secrets = [email, PASSWORD, "Annabella", "a new password", "wrong password", link, reset, "rt_", made.json["token"]]
    assert [one for one in [*secrets, given["access_token"], given["refresh_token"]] if one in text] == []


def test_the_platforms_people_say_why_they_change_what_is_a_shops(
    shop: Shop, open_shop: Callable[..., Shop], trail: Trail, postgres: psycopg.Connection
) -> None:
    one = dead_letter(postgres, shop.id)
    headers = {"Authorization": f"Bearer {shop.token(platform=True)}"}

    without = shop.client.post(f"/v1/dead-letters/{one}/discard", json={"reason": "r"}, headers=headers)
    state = shop.get(f"/v1/dead-letters/{one}").json["state"]
    with_one = shop.client.post(
        f"/v1/dead-letters/{one}/discard", json={"reason": "r"}, headers={**headers, "X-Reason": "ticket 8"}
    )

    assert (without.status_code, without.json["errors"][0]["field"], state) == (422, "X-Reason", "open")
    assert with_one.status_code == 200
    _, row = trail(about=shop.id)
    assert (row["tenant_id"], row["actor_id"], row["reason"], row["object"]) == (
        NO_TENANT,
        "owner",
        "ticket 8",
        str(one),
    )
    seen, _ = shop.get("/v1/audit").json["items"]
    assert (seen["id"], seen["about"], seen["reason"]) == (str(row["id"]), str(shop.id), "ticket 8")
    assert [one["act"] for one in open_shop().get("/v1/audit").json["items"]] == ["tenants:create"]


@pytest.mark.parametrize("reason", ["two\tlines", "x" * 501])
def test_a_reason_is_a_line_that_can_be_read(shop: Shop, reason: str) -> None:
    answer = shop.post("/v1/roles", ROLE, X_Reason=reason)

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "X-Reason")


def test_a_look_of_the_platforms_people_into_a_shop_leaves_a_row(
    shop: Shop, trail: Trail, postgres: psycopg.Connection
) -> None:
    one = dead_letter(postgres, shop.id)

    shop.for_platform("GET", f"/v1/dead-letters/{one}")
    shop.for_platform("GET", f"/v1/audit?tenant={shop.id}")
    shop.for_platform("GET", f"/v1/audit/export?tenant={shop.id}")
    shop.get(f"/v1/dead-letters/{one}")

    assert acts(trail(about=shop.id)) == [
        ("tenants:create", "done"),
        ("dead_letters:read", "done"),
        ("audit:read", "done"),
        ("audit:export", "done"),
    ]
    assert trail(tenant_id=shop.id) == []


def test_where_no_row_can_be_written_nothing_is_taken_out(app: APIFlask, shop: Shop, tokens: Any) -> None:
    class NotTaking(Store):
        def record(self, entries: Any) -> None:
            raise StoreDown

    own: Dependencies = app.extensions[EXTENSION]
    away = NotTaking.__new__(NotTaking)
    away.__dict__.update(own.store.__dict__)
    client = create_app(replace(own, store=away)).test_client()

    answer = client.get("/v1/audit/export", headers=shop.headers("admin"))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_a_shop_finds_its_own_and_the_platform_all(shop: Shop, open_shop: Callable[..., Shop]) -> None:
    other = open_shop()
    role = shop.post("/v1/roles", ROLE).json
    shop.call("PATCH", f"/v1/roles/{role['id']}", {"name": "other"})
    shop.call("DELETE", f"/v1/roles/{role['id']}", actor="carl")
    other.post("/v1/roles", ROLE)

    def found(**asked: str) -> list[str]:
        return [
            one["act"]
            for one in shop.client.get("/v1/audit", query_string=asked, headers=shop.headers("admin")).json["items"]
        ]

    everything = found()
    assert everything == ["roles:delete", "roles:update", "roles:create", "tenants:create"]
    assert found(actor="carl") == ["roles:delete"]
    assert found(act="roles:update") == ["roles:update"]
    assert found(object=role["id"]) == everything[:3]
    assert found(outcome="denied") == []
    moment = shop.get("/v1/audit").json["items"][1]["at"]
    assert found(since=moment) == everything[:2]
    assert found(until=moment) == everything[2:]
    assert found(tenant=str(shop.id)) == everything
    assert shop.get(f"/v1/audit?tenant={other.id}").status_code == 403
    assert shop.get("/v1/audit", role="manager").status_code == 403
    theirs = shop.for_platform("GET", f"/v1/audit?tenant={other.id}&act=roles:create").json["items"]
    assert [one["tenant_id"] for one in theirs] == [str(other.id)]


def test_pages_follow_one_another_and_the_export_has_all(shop: Shop, open_shop: Callable[..., Shop]) -> None:
    for number in range(5):
        shop.post("/v1/roles", {**ROLE, "name": f"clerk {number}"})

    pages, cursor, first = [], "", ""
    while cursor is not None:
        page = shop.get(f"/v1/audit?limit=2{cursor and f'&cursor={cursor}'}").json
        pages.append([one["id"] for one in page["items"]])
        cursor = page["next_cursor"]
        first = first or cursor
    lines = [json.loads(line) for line in shop.get("/v1/audit/export").text.splitlines()]

    assert [len(page) for page in pages] == [2, 2, 2]
    exported = [one["id"] for one in lines]
    assert exported[1:] == [id_ for page in pages for id_ in page]
    assert lines[0]["act"] == "audit:export"
    assert open_shop().get(f"/v1/audit?cursor={first}").json["items"] == []


def test_nobody_changes_or_removes_a_row(shop: Shop, store: Store, postgres: psycopg.Connection) -> None:
    shop.post("/v1/roles", ROLE)
    for statement in (
        "UPDATE audit SET actor_id = 'nobody'",
        "DELETE FROM audit",
        "TRUNCATE audit, audit_chain",
        "UPDATE audit_chain SET seq = seq + 1",
        "DELETE FROM audit_chain",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), store.reading(shop.id) as connection:
            connection.execute(statement)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only grows"):
            postgres.execute(statement)
        with postgres.transaction(force_rollback=True):
            postgres.execute("SET LOCAL session_replication_role = replica")  # where other triggers are left out
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only grows"):
                postgres.execute(statement)


def test_nobody_writes_into_another_shops_trail(shop: Shop, open_shop: Callable[..., Shop], store: Store) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), store.reading(shop.id) as connection:
        connection.execute(
            "INSERT INTO audit (tenant_id, id, at, actor_id, role, act, object, outcome, reason, address, request_id,"
            " correlation_id, detail) VALUES (%s, gen_random_uuid(), now(), '', '', 'a', '', 'done', '', '',"
            " gen_random_uuid(), '', '{}')",
            (open_shop().id,),
        )


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (("--act", "orders:cancelled"), "There is no act orders:cancelled. An act is a permission (RESOURCE:ACTION;"),
        (("--actor", "anna@shop.example"), "It is an id: "),
        (("--actor", "token:erp"), "Nobody is called 'token:erp'. An actor is the id of a user, token:<id>"),
    ],
)
def test_a_word_that_no_row_can_have_is_unknown_at_the_command_line(
    servers: Stack, question: tuple[str, str], says: str
) -> None:
    told = servers.rustok("api", "audit", "list", *question, check=False)

    assert told.returncode != 0
    assert says in told.stderr


def test_what_is_done_at_the_command_line_is_written_down(servers: Stack, shop: Shop, trail: Trail) -> None:
    servers.rustok("api", "token", "--tenant", shop.tenant["slug"], "--actor", "dev")
    servers.rustok("api", "invite", f"{uuid4().hex}@shop.example", "--tenant", shop.tenant["slug"])
    listed = servers.rustok("api", "audit", "list", "--tenant", shop.tenant["slug"], "--json")
    told = [
        servers.rustok("api", "audit", "list", *one, "--act", "users:invite").stdout
        for one in ((), ("--tenant", shop.tenant["slug"]))
    ]

    rows = trail(tenant_id=shop.id)

    assert [(row["act"], row["role"]) for row in rows] == [("tokens:issue", "machine"), ("users:invite", "machine")]
    assert all(row["actor_id"].startswith("machine:") for row in rows)
    assert [one["act"] for one in json.loads(listed.stdout)] == ["users:invite", "tokens:issue", "tenants:create"]
    assert [f" {shop.tenant['slug']} " in text for text in told] == [True, False]
