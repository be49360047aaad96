"""People's tokens that are signed with published keys."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from apiflask import APIFlask
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask.testing import FlaskClient
from jwt import PyJWKSet
from prometheus_client import REGISTRY

from api.app import create_app
from api.domain.errors import Unauthenticated
from api.domain.permissions import Role
from api.domain.scope import Actor
from api.domain.signing_keys import SigningKey
from api.http.dependencies import EXTENSION
from api.http.own_keys import NoSigningKey
from api.http.tokens import AccessTokens
from api.store.errors import StoreDown
from ops.service_token import AUDIENCE, ISSUER, KIND, SERVICE_AUDIENCE, service_token
from tests.api.conftest import Clock
from tests.api.http.signing import SHARED, forged, own_keys, signing_key
from tests.support.waiting import wait_until

SERVICE_KEY = "another key for tests, of processes"
HOUR = timedelta(hours=1)
ANNA = Actor(tenant_id=uuid4(), tenant_slug="cheese", actor_id="anna", role=Role.MANAGER)
PAIR = Ed25519PrivateKey.generate()


@pytest.fixture
def stored() -> list[SigningKey]:
    return [signing_key("k1", private=PAIR)]


@pytest.fixture
def signing(stored: list[SigningKey], clock: Clock) -> AccessTokens:
    return AccessTokens(SHARED, SERVICE_KEY, keys=own_keys(lambda: list(stored), clock.now_s))


def issued(tokens: AccessTokens, actor: Actor = ANNA) -> str:
    return tokens.issue(actor, now=datetime.now(UTC), valid=HOUR)


def claims(**different: Any) -> dict[str, Any]:
    made = {
        "sub": "anna",
        "role": "manager",
        "tenant": str(ANNA.tenant_id),
        "tenant_slug": "cheese",
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": datetime.now(UTC) + HOUR,
    }
    return {name: value for name, value in {**made, **different}.items() if value is not None}


def signed(payload: dict[str, Any], **header: Any) -> str:
    headers = {name: value for name, value in {"kid": "k1", "typ": "at+jwt", **header}.items() if value is not None}
    return jwt.encode(payload, PAIR, "EdDSA", headers=headers)


def test_since_when_the_key_signs_is_shown(signing: AccessTokens, stored: list[SigningKey]) -> None:
    issued(signing)

    shown = REGISTRY.get_sample_value("rustok_http_signing_key_timestamp_seconds")

    assert shown == stored[0].signs_from.timestamp()


def test_who_was_issued_a_token_is_who_it_names_and_it_says_which_key(signing: AccessTokens) -> None:
    token = issued(signing)

    assert signing.verify(token) == ANNA
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "typ": "at+jwt", "kid": "k1"}
    assert signing.verify(signed(claims())) == ANNA


def test_whoever_fetches_the_published_set_can_check_a_token(app: APIFlask, signing: AccessTokens) -> None:
    client = create_app(replace(app.extensions[EXTENSION], tokens=signing)).test_client()

    answer = client.get("/.well-known/jwks.json")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=300")
    assert {"d"}.isdisjoint(*answer.json["keys"])
    key = PyJWKSet.from_dict(answer.json)["k1"]
    assert jwt.decode(issued(signing), key, ["EdDSA"], audience=AUDIENCE, issuer=ISSUER)["sub"] == "anna"


def test_where_tokens_are_signed_for_development_no_key_is_published(client: FlaskClient) -> None:
    assert client.get("/.well-known/jwks.json").json == {"keys": []}


def test_keys_change_and_no_token_is_refused(signing: AccessTokens, stored: list[SigningKey], clock: Clock) -> None:
    before = issued(signing)
    soon = datetime.now(UTC) + timedelta(minutes=10)
    stored.append(signing_key("k2", soon))
    clock.sleep(3)

    later = own_keys(lambda: list(stored), clock.now_s, lambda: soon)
    after = issued(AccessTokens(SHARED, SERVICE_KEY, keys=later))  # where the clock is ahead

    assert jwt.get_unverified_header(after)["kid"] == "k2"
    assert [signing.verify(one) for one in (before, after)] == [ANNA, ANNA]


def test_a_key_that_was_made_a_moment_ago_is_looked_for(
    signing: AccessTokens, stored: list[SigningKey], clock: Clock
) -> None:
    issued(signing)
    stored.append(signing_key("k2", datetime(2021, 1, 1, tzinfo=UTC)))
    clock.sleep(1.1)
    elsewhere = AccessTokens(SHARED, SERVICE_KEY, keys=own_keys(lambda: list(stored), clock.now_s))

    assert signing.verify(issued(elsewhere)) == ANNA


def test_the_tokens_of_a_retired_key_are_refused(signing: AccessTokens, stored: list[SigningKey], clock: Clock) -> None:
    token = issued(signing)
    stored[:] = [replace(stored[0], retired_at=datetime.now(UTC), sealed=None), signing_key("k2")]
    clock.sleep(3)
    signing.published()  # whoever asks first has them read again
    clock.sleep(3)

    with pytest.raises(Unauthenticated):
        signing.verify(signed(claims(), kid="unknown"))
    with pytest.raises(Unauthenticated):
        signing.verify(token)


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "k2"},
        {"kid": None},
        {"kid": "../../../../dev/null"},
        {"kid": "' OR 1=1 --"},
        {"typ": "JWT"},
        {"typ": None},
        {"typ": KIND},
        {"kid": "k2", "jku": "https://elsewhere.example/jwks.json"},
    ],
    ids=str,
)
def test_another_header_makes_a_token_worthless(signing: AccessTokens, header: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated, match="not valid"):
        signing.verify(signed(claims(), **header))


@pytest.mark.parametrize(
    "different",
    [
        {"aud": "somebody-else"},
        {"aud": SERVICE_AUDIENCE},
        {"aud": None},
        {"iss": "https://elsewhere.example"},
        {"role": "service", "tenant": None},
        {"role": "super_admin"},
        {"tenant": None},
        {"exp": None},
        {"exp": datetime(2020, 1, 1, tzinfo=UTC)},
        {"nbf": datetime(2100, 1, 1, tzinfo=UTC)},
    ],
    ids=str,
)
def test_other_claims_make_a_token_worthless(signing: AccessTokens, different: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        signing.verify(signed(claims(**different)))


def test_a_public_key_is_no_shared_secret(signing: AccessTokens) -> None:
    """The old confusion: HS256 with what is published as the key."""
    raw = PAIR.public_key().public_bytes_raw()
    pem = PAIR.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    payload = {**claims(), "exp": 4_000_000_000}
    for secret in (raw, pem, base64.urlsafe_b64encode(raw)):
        with pytest.raises(Unauthenticated):
            signing.verify(forged(payload, secret, kid="k1", typ="at+jwt"))


def test_neither_the_shared_key_nor_none_at_all_signs_where_keys_are_published(signing: AccessTokens) -> None:
    headers = {"kid": "k1", "typ": "at+jwt"}

    for token in (
        AccessTokens(SHARED, SERVICE_KEY).issue(ANNA, now=datetime.now(UTC), valid=HOUR),
        jwt.encode(claims(), SHARED, "HS256", headers=headers),
        jwt.encode(claims(), "", "none", headers=headers),
    ):
        with pytest.raises(Unauthenticated):
            signing.verify(token)


def test_a_published_key_signs_nothing_where_there_is_only_the_shared_one() -> None:
    with pytest.raises(Unauthenticated):
        AccessTokens(SHARED, SERVICE_KEY).verify(signed(claims()))


def test_processes_go_on_signing_with_their_own_key(signing: AccessTokens) -> None:
    token = service_token(SERVICE_KEY, "feed-sales", datetime.now(UTC))

    assert signing.verify(token).role is Role.SERVICE


def test_no_token_is_good_for_longer_than_its_key_is_believed(signing: AccessTokens) -> None:
    with pytest.raises(ValueError, match="24 hours at most"):
        signing.issue(ANNA, now=datetime.now(UTC), valid=timedelta(hours=25))


def test_while_the_database_is_away_the_known_keys_are_good(stored: list[SigningKey], clock: Clock) -> None:
    away: list[bool] = []

    def read() -> list[SigningKey]:
        if away:
            raise StoreDown
        return stored

    signing = AccessTokens(SHARED, SERVICE_KEY, keys=own_keys(read, clock.now_s))
    token = issued(signing)
    away.append(True)
    clock.sleep(3600)

    assert signing.verify(token) == ANNA


def test_before_the_keys_were_ever_read_nobody_is_called_a_liar(clock: Clock) -> None:
    def away() -> list[SigningKey]:
        raise StoreDown

    with pytest.raises(StoreDown):
        AccessTokens(SHARED, SERVICE_KEY, keys=own_keys(away, clock.now_s)).verify(signed(claims()))


def test_without_a_key_it_is_said_what_to_do(clock: Clock, stored: list[SigningKey]) -> None:
    none = AccessTokens(SHARED, SERVICE_KEY, keys=own_keys(list, clock.now_s))
    foreign = replace(stored[0], kid="k9")  # sealed under another name

    with pytest.raises(NoSigningKey, match="rustok api keys rotate"):
        none.require_signer()
    with pytest.raises(NoSigningKey, match="RUSTOK_TOKEN_KEY is not the one"):
        AccessTokens(SHARED, SERVICE_KEY, keys=own_keys(lambda: [foreign], clock.now_s)).require_signer()


def test_a_token_that_is_known_is_not_believed_longer_than_its_key(
    stored: list[SigningKey], signing: AccessTokens, clock: Clock
) -> None:
    token = issued(signing)
    known = [signing.read(token), signing.read(token)]

    stored[:] = [replace(stored[0], retired_at=datetime.now(UTC), sealed=None), signing_key("k2")]
    clock.sleep(3)

    assert known[0] is known[1]
    wait_until(lambda: is_refused(signing, token), 2, "the keys are read again")


def test_a_token_that_is_known_ends_when_it_says(signing: AccessTokens) -> None:
    ending = signing.issue(ANNA, now=datetime.now(UTC) - HOUR, valid=HOUR + timedelta(seconds=1.5))
    signing.read(ending)

    wait_until(lambda: is_refused(signing, ending), 3, "the token has expired")


def is_refused(tokens: AccessTokens, token: str) -> bool:
    try:
        tokens.read(token)
    except Unauthenticated:
        return True
    return False


def test_knowing_one_token_lets_no_other_one_in(signing: AccessTokens) -> None:
    token = issued(signing)
    signing.read(token)
    head, body, signature = token.split(".")

    for other in (f"{head}.{body}.", f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body[:-2]}AA.{signature}"):
        with pytest.raises(Unauthenticated):
            signing.read(other)
