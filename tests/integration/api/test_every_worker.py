"""What is taken from somebody is gone in every worker, also in those that were not told."""

from collections.abc import Iterator

import pytest
from apiflask import APIFlask

from tests.integration.api.people import People, people_of
from tests.integration.api.served import one_client_each, serving
from tests.integration.api.shops import Shop
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

WORKERS = 2
CLERK = {"name": "clerk", "grants": [{"resource": "orders", "actions": ["list"]}]}


@pytest.fixture
def people(app: APIFlask, shop: Shop) -> Iterator[People]:
    yield from people_of(app, shop)


def test_a_removed_grant_and_a_disabled_user_act_in_both_workers_within_two_seconds(
    people: People, servers: Stack
) -> None:
    role = people.shop.post("/v1/roles", CLERK).json["id"]
    anna = people.invite("staff", role_ids=[role])
    headers = {"Authorization": f"Bearer {people.signed_in(anna['email'])['access_token']}"}

    with serving(servers, {"RUSTOK_API_WORKERS": str(WORKERS)}) as served, one_client_each(served) as clients:

        def everywhere(status: int) -> bool:
            return [client.get("/v1/orders", headers=headers).status_code for client in clients] == [status] * WORKERS

        assert everywhere(200)
        assert people.shop.call("PATCH", f"/v1/roles/{role}", {"grants": []}).status_code == 200
        wait_until(lambda: everywhere(403), 2, "the grant is gone in every worker")
        assert people.shop.call("PATCH", f"/v1/users/{anna['id']}", {"status": "banned"}).status_code == 200
        wait_until(lambda: everywhere(401), 2, "the user is shut out of every worker")


def test_a_shop_that_is_closed_is_so_in_both_workers_within_a_second(shop: Shop, servers: Stack) -> None:
    headers = shop.headers("admin")
    at_host = shop.headers("anonymous")

    with serving(servers, {"RUSTOK_API_WORKERS": str(WORKERS)}) as served, one_client_each(served) as clients:

        def everywhere(status: int) -> bool:
            asked = [client.get("/v1/products", headers=who) for client in clients for who in (headers, at_host)]
            return [answer.status_code for answer in asked] == [status] * WORKERS * 2

        assert everywhere(200)
        closed = shop.for_platform("POST", f"/v1/tenants/{shop.id}/deactivate")
        assert closed.status_code == 200, closed.text
        wait_until(lambda: everywhere(403), 1, "the shop is closed in every worker")
