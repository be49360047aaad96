import base64
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest

from api.domain.errors import Unauthenticated
from api.domain.permissions import Role
from api.domain.scope import Actor
from api.http.tokens import AccessTokens
from ops.service_token import ALGORITHM, AUDIENCE, ISSUER, KIND, SERVICE_AUDIENCE, service_token

KEY = "a key for tests, long enough to sign"
SERVICE_KEY = "another key for tests, of processes"
HOUR = timedelta(hours=1)


def test_who_was_issued_a_token_is_who_it_names() -> None:
    actor = Actor(tenant_id=uuid4(), tenant_slug="cheese", actor_id="till-1", role=Role.MANAGER)

    token = AccessTokens(KEY, SERVICE_KEY).issue(actor, now=datetime.now(UTC), valid=HOUR)

    assert AccessTokens(KEY, SERVICE_KEY).verify(token) == actor


@pytest.mark.parametrize(
    "different",
    [
        {"aud": "somebody-else"},
        {"iss": "somebody-else"},
        {"role": "emperor"},
        {"role": "anonymous", "tenant": None},
        {"role": "super_admin"},
        {"tenant": None},
        {"tenant": "cheese"},
        {"sub": ""},
        {"exp": None},
        {"exp": 10**18},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"sub": "a\0b"},
        {"sub": "\0"},
    ],
    ids=str,
)
def test_a_token_with_other_claims_is_not_valid(different: dict[str, str | None]) -> None:
    claims = {
        "sub": "till-1",
        "role": "manager",
        "tenant": str(uuid4()),
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": datetime.now(UTC) + HOUR,
    } | different
    token = jwt.encode({name: value for name, value in claims.items() if value is not None}, KEY, ALGORITHM)

    with pytest.raises(Unauthenticated):
        AccessTokens(KEY, SERVICE_KEY).verify(token)


@pytest.mark.parametrize(("ahead_s", "good"), [(3, True), (59, True), (90, False)])
@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_the_clock_of_who_issued_it_may_be_a_little_ahead(claim: str, ahead_s: int, good: bool) -> None:
    now = datetime.now(UTC)
    claims = {"sub": "a", "role": "operator", "iss": ISSUER, "aud": AUDIENCE, "exp": now + HOUR}
    token = jwt.encode({**claims, claim: now + timedelta(seconds=ahead_s)}, KEY, ALGORITHM)

    if good:
        assert AccessTokens(KEY, SERVICE_KEY, leeway_s=60).verify(token).actor_id == "a"
    else:
        with pytest.raises(Unauthenticated, match="not valid yet"):
            AccessTokens(KEY, SERVICE_KEY, leeway_s=60).verify(token)


def test_a_header_that_is_nested_without_end_is_no_token() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 50_000).decode()

    with pytest.raises(Unauthenticated):
        AccessTokens(KEY, SERVICE_KEY).verify(f"{deep}.e30.c2ln")


def test_a_token_signed_with_another_key_or_none_is_not_valid() -> None:
    claims = {"sub": "a", "role": "operator", "iss": ISSUER, "aud": AUDIENCE, "exp": datetime.now(UTC) + HOUR}

    for token in (jwt.encode(claims, KEY[::-1], ALGORITHM), jwt.encode(claims, "", algorithm="none")):
        with pytest.raises(Unauthenticated):
            AccessTokens(KEY, SERVICE_KEY).verify(token)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer than 32"):
        AccessTokens("short", SERVICE_KEY)


def test_a_key_for_both_kinds_is_refused() -> None:
    with pytest.raises(ValueError, match="same key"):
        AccessTokens(KEY, KEY)


def test_a_process_that_signs_is_a_process() -> None:
    token = service_token(SERVICE_KEY, "feed-sales", datetime.now(UTC))

    actor = AccessTokens(KEY, SERVICE_KEY).verify(token)

    assert (actor.role, actor.actor_id, actor.tenant_id) == (Role.SERVICE, "feed-sales", None)


@pytest.mark.parametrize("role", ["admin", "super_admin", "operator", "schema"])
@pytest.mark.parametrize("kind", [KIND, "JWT"])
@pytest.mark.parametrize("audience", [SERVICE_AUDIENCE, AUDIENCE])
def test_with_the_key_of_processes_nobody_signs_for_people(role: str, kind: str, audience: str) -> None:
    claims = {"sub": "a", "role": role, "iss": ISSUER, "aud": audience, "exp": datetime.now(UTC) + HOUR}
    if role == "admin":
        claims |= {"tenant": str(uuid4()), "tenant_slug": "cheese"}

    with pytest.raises(Unauthenticated):
        AccessTokens(KEY, SERVICE_KEY).verify(jwt.encode(claims, SERVICE_KEY, ALGORITHM, headers={"typ": kind}))


def test_with_the_key_of_people_nobody_signs_for_a_process() -> None:
    claims = {"sub": "feed-sales", "role": "service", "iss": ISSUER, "exp": datetime.now(UTC) + HOUR}

    for audience, kind in ((AUDIENCE, "JWT"), (AUDIENCE, KIND), (SERVICE_AUDIENCE, KIND)):
        token = jwt.encode({**claims, "aud": audience}, KEY, ALGORITHM, headers={"typ": kind})
        with pytest.raises(Unauthenticated):
            AccessTokens(KEY, SERVICE_KEY).verify(token)
