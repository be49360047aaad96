"""The first people of a shop and of the platform are invited from the command line."""

from uuid import uuid4

import pytest

from tests.integration.api.people import PASSWORD
from tests.integration.api.shops import Shop
from tests.support.stack import Stack

pytestmark = pytest.mark.servers


def come_in(guest: Shop, link: str, email: str, **where: str) -> int:
    """What is printed sets a password, with which they sign in: the status of that."""
    token = next(word for word in link.split() if word.startswith("rtl_"))
    guest.client.post("/v1/auth/password", json={"token": token, "password": PASSWORD})
    return guest.client.post("/v1/auth/login", json={"email": email, "password": PASSWORD, **where}).status_code


def test_the_owner_of_a_new_shop_is_invited_and_comes_in(shop: Shop, servers: Stack) -> None:
    email, slug = f"{uuid4().hex}@shop.example", shop.tenant["slug"]

    printed = servers.rustok("api", "invite", email, "--tenant", slug).stdout

    assert come_in(shop, printed, email, shop=slug) == 200
    (owner,) = shop.get("/v1/users").json["items"]
    assert (owner["email"], owner["role"], owner["status"]) == (email, "admin", "active")


def test_so_are_the_platforms_own_people(shop: Shop, servers: Stack) -> None:
    email = f"{uuid4().hex}@platform.example"

    printed = servers.rustok("api", "invite", email, "--role", "super_admin").stdout

    assert come_in(shop, printed, email) == 200


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobody", "--role", "super_admin"), "no e-mail address"),
        (("a@b.example", "--role", "admin"), "Nobody is admin here."),
        (("a@b.example", "--tenant", "nowhere"), "There is no tenant nowhere."),
    ],
)
def test_who_cannot_be_invited_is_a_sentence(
    servers: Stack, settings: object, arguments: tuple[str, ...], said: str
) -> None:
    done = servers.rustok("api", "invite", *arguments, check=False)

    assert done.returncode == 2
    assert said in done.stderr
