"""Tokens of an identity provider: what is made of them, and which are none."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from apiflask import APIFlask
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.app import create_app
from api.domain.errors import Forbidden, Unauthenticated
from api.domain.permissions import Role
from api.domain.scope import Actor
from api.http.dependencies import EXTENSION
from api.http.foreign_issuer import ForeignIssuer, IssuerRules
from api.http.issuer_keys import KeyFetcher
from api.http.refreshed_value import RefreshedValue
from api.http.tokens import AccessTokens
from api.store.errors import StoreDown
from tests.api.conftest import SHOP, Clock
from tests.api.http.signing import forged
from tests.support.identity_provider import AUDIENCE, IdentityProvider, identity_provider
from tests.support.waiting import wait_until

SHARED, SERVICE_KEY = "a key for tests, long enough to sign", "another key for tests, of processes"
ROLES = {"owners": Role.ADMIN, "staff": Role.MANAGER, "buyers": Role.CUSTOMER, "root": Role.SUPER_ADMIN}
OF_SHOP = {"tenant": str(SHOP.id), "role": "staff"}


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with identity_provider() as running:
        yield running


def reading(provider: IdentityProvider, clock: Clock, **different: Any) -> AccessTokens:
    keys = RefreshedValue(
        "issuer_keys",
        KeyFetcher(provider.url, "RS256", loopback=True).fetch,
        clock.now_s,
        every_s=300,
        again_s=30,
        longest_s=86_400,
    )
    rules = IssuerRules(
        issuer=provider.url,
        audience=AUDIENCE,
        algorithm="RS256",
        tenant_claim="tenant",
        role_claim="role",
        roles=ROLES,
    )
    return AccessTokens(SHARED, SERVICE_KEY, issuer=ForeignIssuer(replace(rules, **different), keys))


@pytest.fixture
def tokens(provider: IdentityProvider, clock: Clock) -> AccessTokens:
    return reading(provider, clock)


def test_its_token_says_who_it_is_of_which_shop_and_with_which_role(
    provider: IdentityProvider, tokens: AccessTokens
) -> None:
    actor = tokens.verify(provider.token(**OF_SHOP))

    assert actor == Actor(tenant_id=SHOP.id, tenant_slug=None, actor_id="anna", role=Role.MANAGER)


def test_who_has_its_token_is_let_in(provider: IdentityProvider, tokens: AccessTokens, app: APIFlask) -> None:
    client = create_app(replace(app.extensions[EXTENSION], tokens=tokens)).test_client()

    def search(**claims: Any) -> int:
        sent = {"Authorization": f"Bearer {provider.token(**claims)}"}
        return client.get("/v1/analytics/sales", headers=sent).status_code

    assert [search(**OF_SHOP), search(**{**OF_SHOP, "role": "buyers"})] == [200, 403]
    assert search(**{**OF_SHOP, "role": "strangers"}) == 403
    assert search(**{**OF_SHOP, "tenant": str(uuid4())}) == 401


def test_of_several_roles_the_first_that_the_settings_name_counts(
    provider: IdentityProvider, tokens: AccessTokens
) -> None:
    token = provider.token(**{**OF_SHOP, "role": ["visitors", "buyers", "owners", 3, None]})

    assert tokens.verify(token).role is Role.ADMIN


def test_a_claim_may_lie_deep_or_have_dots_in_its_name(provider: IdentityProvider, clock: Clock) -> None:
    deep = reading(provider, clock, role_claim="realm_access.roles", tenant_claim="https://shops.example/id")
    token = provider.token(**{"realm_access": {"roles": ["staff"]}, "https://shops.example/id": str(SHOP.id)})

    assert deep.verify(token).role is Role.MANAGER
    with pytest.raises(Forbidden):
        deep.verify(provider.token(realm_access=["staff"], **OF_SHOP))


def test_people_of_the_platform_have_no_shop(provider: IdentityProvider, tokens: AccessTokens) -> None:
    assert tokens.verify(provider.token(role="root")).role is Role.SUPER_ADMIN
    for wrong in ({"role": "root", "tenant": str(SHOP.id)}, {"role": "owners"}):
        with pytest.raises(Unauthenticated):
            tokens.verify(provider.token(**wrong))


@pytest.mark.parametrize("role", ["strangers", "admin", "", None, 7, [], {}, ["service"], {"staff": True}], ids=str)
def test_a_role_that_is_unknown_here_is_refused(provider: IdentityProvider, tokens: AccessTokens, role: object) -> None:
    with pytest.raises(Forbidden):
        tokens.verify(provider.token(**{**OF_SHOP, "role": role}))


@pytest.mark.parametrize("audience", [[AUDIENCE], ["elsewhere", AUDIENCE]])
def test_it_may_be_meant_for_others_too(provider: IdentityProvider, tokens: AccessTokens, audience: list[str]) -> None:
    assert tokens.verify(provider.token(**OF_SHOP, aud=audience)).actor_id == "anna"


@pytest.mark.parametrize(
    "different",
    [
        {"aud": None},
        {"aud": "elsewhere"},
        {"aud": []},
        {"aud": "rustok-api"},
        {"iss": "https://elsewhere.example"},
        {"exp": None},
        {"exp": datetime(2020, 1, 1, tzinfo=UTC)},
        {"nbf": datetime(2100, 1, 1, tzinfo=UTC)},
        {"sub": None},
        {"sub": "a\0b"},
        {"tenant": "cheese"},
        {"tenant": 3},
        {"nonce": "n"},
        {"at_hash": "h"},
        {"typ": "ID"},
    ],
    ids=str,
)
def test_what_is_no_access_token_for_us_is_worthless(
    provider: IdentityProvider, tokens: AccessTokens, different: dict[str, Any]
) -> None:
    header = {"typ": "JWT"} if "typ" not in different else {}
    claims = {**OF_SHOP, **different}
    payload_type = claims.pop("typ", None)
    token = provider.token(**header, **claims)
    if payload_type:
        payload = {**jwt.decode(token, options={"verify_signature": False}), "typ": payload_type}
        token = jwt.encode(payload, provider.pairs["r1"], "RS256", headers={"kid": "r1"})

    with pytest.raises(Unauthenticated):
        tokens.verify(token)


@pytest.mark.parametrize(("typ", "good"), [("at+jwt", True), ("JWT", True), ("id+jwt", False), ("logout+jwt", False)])
def test_it_says_that_it_is_an_access_token_or_nothing(
    provider: IdentityProvider, tokens: AccessTokens, typ: str, good: bool
) -> None:
    token = provider.token(typ=typ, **OF_SHOP)

    if good:
        assert tokens.verify(token).actor_id == "anna"
    else:
        with pytest.raises(Unauthenticated):
            tokens.verify(token)


def test_another_way_to_sign_is_worthless(provider: IdentityProvider, tokens: AccessTokens) -> None:
    payload = {"sub": "anna", "iss": provider.url, "aud": AUDIENCE, "exp": 4_000_000_000, **OF_SHOP}
    public = provider.pairs["r1"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    headers = {"kid": "r1"}

    for token in (
        forged(payload, public, **headers),
        jwt.encode(payload, SHARED, "HS256", headers=headers),
        jwt.encode(payload, "", "none", headers=headers),
        provider.token(algorithm="RS512", **OF_SHOP),
        provider.token(algorithm="PS256", **OF_SHOP),
    ):
        with pytest.raises(Unauthenticated):
            tokens.verify(token)


def test_our_own_tokens_stay_good_and_it_signs_none_of_them(provider: IdentityProvider, tokens: AccessTokens) -> None:
    own = Actor(tenant_id=SHOP.id, tenant_slug="cheese", actor_id="bert", role=Role.ADMIN)

    assert tokens.verify(tokens.issue(own, now=datetime.now(UTC), valid=timedelta(hours=1))) == own
    with pytest.raises(Unauthenticated):
        tokens.verify(provider.token(iss="rustok", aud="rustok-api", tenant=str(SHOP.id), role="admin"))


def test_a_new_key_of_the_provider_is_found(provider: IdentityProvider, tokens: AccessTokens, clock: Clock) -> None:
    tokens.verify(provider.token(**OF_SHOP))
    provider.add_key("r2")
    clock.sleep(31)

    assert tokens.verify(provider.token("r2", **OF_SHOP)).actor_id == "anna"


def test_a_thousand_keys_that_nobody_knows_are_asked_for_once(
    provider: IdentityProvider, tokens: AccessTokens, clock: Clock
) -> None:
    token = provider.token(**OF_SHOP)
    tokens.verify(token)
    clock.sleep(31)
    before = len(provider.asked)

    for number in range(1000):
        forged = jwt.encode({"iss": provider.url}, provider.pairs["r1"], "RS256", headers={"kid": str(number)})
        with pytest.raises(Unauthenticated):
            tokens.verify(forged)

    assert len(provider.asked) - before == 2  # where the keys are, and the keys


def test_while_the_provider_is_away_its_known_keys_are_good_for_a_day(
    provider: IdentityProvider, tokens: AccessTokens, clock: Clock
) -> None:
    token = provider.token(**OF_SHOP, exp=datetime.now(UTC) + timedelta(days=9))
    tokens.verify(token)
    provider.answers["/keys"] = (503, {}, b"")

    for _ in range(12):
        clock.sleep(3600)
        before = len(provider.asked)
        # Whoever asks while the last reading still ends begins no other.
        wait_until(
            lambda before=before: tokens.verify(token).actor_id == "anna" and len(provider.asked) >= before + 2,
            5,
            "it was asked again",
        )
    clock.sleep(24 * 3600)
    with pytest.raises(StoreDown):
        tokens.verify(token)


def test_a_set_without_keys_takes_none_away(provider: IdentityProvider, tokens: AccessTokens, clock: Clock) -> None:
    token = provider.token(**OF_SHOP)
    tokens.verify(token)
    provider.answers["/keys"] = (200, {}, b'{"keys": []}')
    clock.sleep(400)

    with pytest.raises(Unauthenticated):
        tokens.verify(jwt.encode({"iss": provider.url}, provider.pairs["r1"], "RS256", headers={"kid": "r9"}))
    assert tokens.verify(token).actor_id == "anna"


def test_a_provider_that_was_never_there_makes_nobody_a_liar(
    provider: IdentityProvider, tokens: AccessTokens, app: APIFlask
) -> None:
    provider.answers["/keys"] = (503, {}, b"")
    client = create_app(replace(app.extensions[EXTENSION], tokens=tokens)).test_client()

    answer = client.get("/v1/orders", headers={"Authorization": f"Bearer {provider.token(**OF_SHOP)}"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_nothing_is_asked_before_a_token_of_it_comes(
    provider: IdentityProvider, tokens: AccessTokens, as_role: Callable[..., dict[str, str]]
) -> None:
    tokens.verify(as_role("admin")["Authorization"].removeprefix("Bearer "))

    assert provider.asked == []
