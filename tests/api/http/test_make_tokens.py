from typing import Any

import pytest

from api.http.make_tokens import make_tokens
from ops.failure import Failure
from ops.settings import Settings

KEYS = {"token_key": "t" * 40, "service_key": "s" * 40}


def test_production_signs_with_published_keys_by_itself() -> None:
    assert Settings(environment="production", **KEYS).token_algorithm == "EdDSA"
    assert Settings(environment="development", **KEYS).token_algorithm == "HS256"


def test_production_refuses_what_is_for_development() -> None:
    with pytest.raises(Failure, match="for development"):
        make_tokens(Settings(environment="production", token_algorithm="HS256", **KEYS), list)


def test_a_key_that_is_too_short_is_a_sentence() -> None:
    with pytest.raises(Failure, match="fewer than 32"):
        make_tokens(Settings(token_key="short", service_key="s" * 40), list)


@pytest.mark.parametrize(
    ("different", "said"),
    [
        ({"oidc_issuer": "http://id.example"}, "no https:// address"),
        ({"oidc_issuer": "http://localhost:9000", "environment": "production"}, "no https:// address"),
        ({"oidc_audience": ""}, "RUSTOK_OIDC_AUDIENCE is not set"),
        ({"oidc_roles": {}}, "RUSTOK_OIDC_ROLES is empty"),
        ({"oidc_roles": {"owners": "emperor"}}, "RUSTOK_OIDC_ROLES names emperor"),
        ({"oidc_roles": {"robots": "service"}}, "RUSTOK_OIDC_ROLES names service"),
    ],
)
def test_half_an_identity_provider_is_a_sentence(different: dict[str, Any], said: str) -> None:
    whole = {"oidc_issuer": "https://id.example", "oidc_audience": "us", "oidc_roles": {"owners": "admin"}, **KEYS}
    make_tokens(Settings(**whole), list)

    with pytest.raises(Failure, match=said):
        make_tokens(Settings(**{**whole, **different}), list)
