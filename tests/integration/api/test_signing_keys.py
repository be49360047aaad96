"""Keys that sign tokens: made by command, read by the API, changed while requests go on."""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace

import httpx
import jwt
import psycopg
import pytest

from api.store.store import Store
from tests.integration.api.served import Served, serving
from tests.integration.api.shops import Shop
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

EDDSA: Mapping[str, str] = {"RUSTOK_ENVIRONMENT": "production"}


@pytest.fixture
def production(servers: Stack, postgres: psycopg.Connection) -> Iterator[Stack]:
    """As it is after a first migration, with one key."""
    made = replace(servers, also=EDDSA)
    postgres.execute("DELETE FROM signing_keys")
    made.rustok("api", "migrate")
    yield made
    postgres.execute("DELETE FROM signing_keys")


def keys(stack: Stack) -> list[dict[str, str]]:
    return list(json.loads(stack.rustok("api", "keys", "list", "--json").stdout))


def token(stack: Stack, shop: Shop) -> str:
    return str(stack.rustok("api", "token", "--tenant", shop.tenant["slug"]).stdout.strip())


def products(served: Served, with_token: str) -> int:
    answer = httpx.get(f"{served.url}/v1/products", headers={"Authorization": f"Bearer {with_token}"}, timeout=30)
    return answer.status_code


def published(served: Served) -> set[str]:
    return {key["kid"] for key in httpx.get(f"{served.url}/.well-known/jwks.json").json()["keys"]}


def test_the_first_migration_makes_the_first_key_and_the_next_makes_none(production: Stack) -> None:
    production.rustok("api", "migrate")

    assert [key["state"] for key in keys(production)] == ["signs"]


def test_keys_change_under_load_and_no_request_is_refused(production: Stack, shop: Shop) -> None:
    stop, answers = threading.Event(), []
    with serving(production, EDDSA) as served:
        old = token(production, shop)
        current = [old]

        def ask_on() -> None:
            while not stop.is_set():
                answers.extend((products(served, old), products(served, current[0])))

        asking = [threading.Thread(target=ask_on) for _ in range(4)]
        for one in asking:
            one.start()
        (first,) = keys(production)
        for _ in range(2):
            production.rustok("api", "keys", "rotate", "--now")
            current[0] = token(production, shop)
        wait_until(lambda: published(served) == {key["kid"] for key in keys(production)}, 10, "all are published")
        stop.set()
        for one in asking:
            one.join()

    assert set(answers) == {200}
    assert jwt.get_unverified_header(current[0])["kid"] not in (first["kid"], None)
    assert [key["state"] for key in keys(production)] == ["verifies", "verifies", "signs"]


def test_where_nothing_is_signed_with_them_changing_them_says_so(production: Stack) -> None:
    development = replace(production, also={})

    assert "nothing is signed with these keys" in development.rustok("api", "keys", "rotate").stderr
    assert "nothing is signed" not in production.rustok("api", "keys", "rotate", check=False).stderr


def test_a_new_key_is_published_before_it_signs_and_only_one_waits(production: Stack, shop: Shop) -> None:
    (first,) = keys(production)
    production.rustok("api", "keys", "rotate")

    second = production.rustok("api", "keys", "rotate", check=False)

    assert [key["state"] for key in keys(production)] == ["signs", "next"]
    assert jwt.get_unverified_header(token(production, shop))["kid"] == first["kid"]
    assert (second.returncode, "is published and signs from" in second.stderr) == (2, True)


def test_a_retired_key_is_believed_no_more_and_the_last_one_is_not_retired(production: Stack, shop: Shop) -> None:
    (first,) = keys(production)
    with serving(production, EDDSA) as served:
        stolen = token(production, shop)
        alone = production.rustok("api", "keys", "retire", first["kid"], check=False)
        before = products(served, stolen)
        production.rustok("api", "keys", "rotate", "--now")
        production.rustok("api", "keys", "retire", first["kid"])
        wait_until(lambda: products(served, stolen) == 401, 10, "every worker refuses it")

        assert (alone.returncode, before) == (2, 200)
        assert products(served, token(production, shop)) == 200


def test_private_halves_are_sealed_and_go_with_a_retired_key(production: Stack, postgres: psycopg.Connection) -> None:
    (first,) = keys(production)
    production.rustok("api", "keys", "rotate", "--now")
    production.rustok("api", "keys", "retire", first["kid"])

    halves = dict(postgres.execute("SELECT kid, sealed FROM signing_keys").fetchall())

    assert halves.pop(first["kid"]) is None
    assert {len(sealed) for sealed in halves.values()} == {12 + 32 + 16}


def test_a_shop_sees_no_key_and_the_api_makes_none(production: Stack, store: Store, shop: Shop) -> None:
    with store.reading(shop.id) as connection:
        assert connection.execute("SELECT count(*) FROM signing_keys").fetchone() == (0,)
    for statement in ("DELETE FROM signing_keys", "UPDATE signing_keys SET retired_at = now()"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), store.reading(platform=True) as connection:
            connection.execute(statement)


def test_production_refuses_to_sign_with_a_shared_key(production: Stack) -> None:
    also = {**EDDSA, "RUSTOK_TOKEN_ALGORITHM": "HS256"}

    done = replace(production, also=also).rustok("api", "serve", check=False)

    assert (done.returncode, "is for development" in done.stderr) == (2, True)


def test_without_a_key_the_api_is_not_ready_and_says_what_to_do(
    production: Stack, postgres: psycopg.Connection
) -> None:
    postgres.execute("DELETE FROM signing_keys")
    with serving(production, EDDSA) as served:
        ready = httpx.get(f"{served.url}/health/ready", timeout=30)

    assert (ready.status_code, ready.json()["checks"]["keys"]["ok"]) == (503, False)
    assert "rustok api keys rotate" in ready.json()["checks"]["keys"]["detail"]
