"""Signing in and out: what may be asked before anybody is known.

These answers are no part of the outbox and are not kept for an Idempotency-Key: they hold secrets.
"""

from http import HTTPStatus
from typing import Final

from apiflask import APIBlueprint
from flask import Response, request

from api.domain.errors import Invalid, Unauthenticated
from api.http.bodies.users import AcceptedAnswer, TokensAnswer
from api.http.dependencies import dependencies
from api.http.limits import sign_in_attempts
from api.http.security import public
from api.http.sign_in_places import brought, cause, failed_sign_in, shop_of
from api.use_cases.users import set_passwords
from api.use_cases.users import sign_in as signing
from api.use_cases.users.bearer_secrets import LINK, REFRESH
from api.use_cases.users.commands import (
    LinkBrought,
    NewPassword,
    RefreshBrought,
    Registration,
    ResetRequest,
    SignIn,
)
from api.use_cases.users.register_customer import register_customer
from api.use_cases.users.sign_in import SignedIn

sign_in = APIBlueprint("sign_in", __name__, url_prefix="/v1/auth", tag="Signing in")
_WHY: Final = "asked by who has no access token yet; a password or a secret says who it is"
_DONE: Final = ("", HTTPStatus.NO_CONTENT)


@sign_in.post("/login")
@public(_WHY)
@sign_in.input(SignIn)
@sign_in.output(TokensAnswer)
def log_in(json_data: SignIn) -> Response:
    """Sign in with e-mail and password"""
    own = dependencies()
    client = request.user_agent.string
    shop = shop_of(json_data.shop)
    attempt = sign_in_attempts.count_sign_in(shop, json_data.email)
    try:
        given = signing.sign_in(own.desk, shop, json_data, client, cause())
    except signing.SignInFailed as failed:
        own.denied.note(failed_sign_in(shop, failed.user_id))
        raise
    attempt.succeeded()
    return _tokens(given)


@sign_in.post("/refresh")
@public(_WHY)
@sign_in.input(RefreshBrought)
@sign_in.output(TokensAnswer)
def refresh_tokens(json_data: RefreshBrought) -> Response:
    """Get the next access token and the next refresh token"""
    secret, shop = brought(REFRESH, json_data.refresh_token)
    if secret is None:
        raise Unauthenticated("Sign in again.")
    sign_in_attempts.count_refresh(json_data.refresh_token)
    return _tokens(signing.renew(dependencies().desk, shop, secret, cause()))


@sign_in.post("/logout")
@public(_WHY)
@sign_in.input(RefreshBrought)
@sign_in.output({}, HTTPStatus.NO_CONTENT)
def log_out(json_data: RefreshBrought) -> tuple[str, HTTPStatus]:
    """End the session of a refresh token"""
    secret, shop = brought(REFRESH, json_data.refresh_token)
    if secret is not None:
        signing.sign_out(dependencies().desk, shop, secret, cause())
    return _DONE


@sign_in.post("/register")
@public(_WHY)
@sign_in.input(Registration)
@sign_in.output(AcceptedAnswer, HTTPStatus.ACCEPTED)
def sign_up(json_data: Registration) -> AcceptedAnswer:
    """Make an account at a shop, as a customer"""
    shop = shop_of(json_data.shop)
    if shop is None:
        raise Invalid.field("shop", "missing", "Name the shop: this host is none.")
    sign_in_attempts.count_account("register", shop, json_data.email)
    register_customer(dependencies().desk, shop, json_data, cause())
    return AcceptedAnswer()


@sign_in.post("/reset")
@public(_WHY)
@sign_in.input(ResetRequest)
@sign_in.output(AcceptedAnswer, HTTPStatus.ACCEPTED)
def ask_for_password_reset(json_data: ResetRequest) -> AcceptedAnswer:
    """Have a link mailed with which a new password can be set"""
    shop = shop_of(json_data.shop)
    sign_in_attempts.count_account("reset", shop, json_data.email)
    set_passwords.ask_for_reset(dependencies().desk, shop, json_data.email, cause())
    return AcceptedAnswer()


@sign_in.post("/password")
@public(_WHY)
@sign_in.input(NewPassword)
@sign_in.output({}, HTTPStatus.NO_CONTENT)
def set_password(json_data: NewPassword) -> tuple[str, HTTPStatus]:
    """Set a password with what was mailed: an invitation or a reset"""
    secret, shop = brought(LINK, json_data.token)
    sign_in_attempts.count_account("link", shop, json_data.token)
    set_passwords.set_password(dependencies().desk, shop, secret, json_data, cause())
    return _DONE


@sign_in.post("/verify")
@public(_WHY)
@sign_in.input(LinkBrought)
@sign_in.output({}, HTTPStatus.NO_CONTENT)
def verify_email(json_data: LinkBrought) -> tuple[str, HTTPStatus]:
    """Confirm an address with what was mailed to it"""
    secret, shop = brought(LINK, json_data.token)
    sign_in_attempts.count_account("link", shop, json_data.token)
    set_passwords.verify_address(dependencies().desk, shop, secret, cause())
    return _DONE


def _tokens(given: SignedIn) -> Response:
    own = dependencies()
    valid = own.desk.times.access
    body = TokensAnswer(
        access_token=own.tokens.issue(given.actor, now=given.at, valid=valid),
        expires_in=int(valid.total_seconds()),
        refresh_token=given.refresh_token,
        session_ends_at=given.ends_at,
    )
    return Response(body.model_dump_json(), content_type="application/json", headers={"Cache-Control": "no-store"})
