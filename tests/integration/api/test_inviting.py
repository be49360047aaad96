"""The first people of a shop and of the platform are invited from the command line."""

from uuid import uuid4

import pytest
from apiflask import APIFlask

from tests.integration.api.people import PASSWORD, people_of
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


def test_who_lost_the_invitation_is_invited_again_and_a_second_owner_lets_a_shop_in(shop: Shop, servers: Stack) -> None:
    email, slug = f"{uuid4().hex}@shop.example", shop.tenant["slug"]

    lost = servers.rustok("api", "invite", email, "--tenant", slug).stdout
    again = servers.rustok("api", "invite", email, "--tenant", slug).stdout
    second = servers.rustok("api", "invite", f"second-{email}", "--tenant", slug).stdout
    other = servers.rustok("api", "invite", f"second-{email}", "--tenant", slug, "--role", "staff", check=False)

    assert come_in(shop, lost, email, shop=slug) == 401
    assert come_in(shop, again, email, shop=slug) == 200
    assert come_in(shop, second, f"second-{email}", shop=slug) == 200
    assert (other.returncode, "in use" in other.stderr) == (2, False)


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


def test_an_invitation_is_sent_again_until_they_come(app: APIFlask, shop: Shop) -> None:
    (people,) = people_of(app, shop)
    body = {"email": people.email(), "name": "Anna", "role": "manager"}
    anna = shop.post("/v1/users", body).json
    first = people.mailbox.token(body["email"], "invitation")

    taken = shop.post("/v1/users", body)
    again = shop.post(f"/v1/users/{anna['id']}/invitation", None)
    old = people.post("/v1/auth/password", {"token": first, "password": PASSWORD})
    people.come(body["email"])
    late = shop.post(f"/v1/users/{anna['id']}/invitation", None)
    shop.call("PATCH", f"/v1/users/{anna['id']}", {"status": "inactive"})
    shut_out = shop.post(f"/v1/users/{anna['id']}/invitation", None)

    assert (taken.status_code, again.status_code, again.json["status"]) == (409, 202, "inactive")
    assert f"POST /v1/users/{anna['id']}/invitation sends it again" in taken.json["detail"]
    assert (old.status_code, late.status_code, shut_out.status_code) == (422, 409, 409)
    assert people.log_in(body["email"]).status_code == 401


def test_who_may_do_less_invites_nobody_again(app: APIFlask, shop: Shop) -> None:
    (people,) = people_of(app, shop)
    helper = {"name": "helper", "grants": [{"resource": "users", "actions": ["read", "update"]}]}
    role = shop.post("/v1/roles", helper).json["id"]
    given = people.signed_in(people.invite("staff", role_ids=[role])["email"])
    boss = shop.post("/v1/users", {"email": people.email(), "name": "Boss", "role": "admin"}).json

    assert people.call(given, "POST", f"/v1/users/{boss['id']}/invitation").status_code == 403
