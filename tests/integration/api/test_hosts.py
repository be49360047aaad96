"""At a shop's own host no other shop is served."""

from collections.abc import Callable

import pytest

from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("path", ["/v1/products", "/v1/search/products", "/v1/dead-letters", "/subjects"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_token_of_one_shop_is_refused_at_anothers_host(
    open_shop: Callable[..., Shop], method: str, path: str
) -> None:
    own, other = open_shop(), open_shop()
    theirs = other.tenant["domains"][0]

    for host in (theirs, f"{theirs}:8080", theirs.upper(), f"{theirs}."):
        assert own.call(method, path, Host=host).status_code == 403
    assert own.call(method, path, Host=own.tenant["domains"][0]).status_code != 403
    assert own.call(method, path, Host="api.example").status_code != 403


def test_a_command_is_refused_there_too_and_says_why(open_shop: Callable[..., Shop]) -> None:
    own, other = open_shop(), open_shop()

    answer = own.post("/v1/products", {}, Host=other.tenant["domains"][0])

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (403, "forbidden")
    assert "another shop" in answer.get_json(force=True)["detail"]


def test_a_visitor_at_nobodys_host_is_told_so(shop: Shop) -> None:
    for path, is_open in (("/v1/products", True), ("/v1/search/products", True), ("/v1/orders", False)):
        answer = shop.client.get(path, headers={"Host": "www.corner.example"})

        assert answer.status_code == 401
        assert ("this host is no shop's" in answer.get_json(force=True)["detail"]) is is_open


@pytest.mark.parametrize("host", ["x" * 5000, "[::1]:8080", "\x7f", "a b"])
def test_a_host_that_is_none_is_nobodys(shop: Shop, host: str) -> None:
    assert shop.get("/v1/products", Host=host).status_code in (200, 400)
