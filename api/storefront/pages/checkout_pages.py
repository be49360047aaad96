"""From the cart to an order, and what becomes of it: the checkout, the order, its payment."""

from typing import Any, Final
from uuid import uuid4

from apiflask import APIBlueprint
from flask import Response, redirect, request

from api.http.security import public
from api.http.server.mounted_applications import STOREFRONT_ROOT
from api.storefront import cookies, forms
from api.storefront.own_api import Refused
from api.storefront.pages.cart_pages import read_cart
from api.storefront.pages.search_pages import WHY, languages
from api.storefront.visit import Visit

_ADDRESS: Final = ("name", "line1", "line2", "postal_code", "city", "country")
_UNPAID: Final = "pending"
#: What the test provider plays through, by the word for it.
_TEST_TOKENS: Final = {"pay_success": "test_success", "pay_decline": "test_decline", "pay_late": "test_late_webhook"}

checkout_pages = APIBlueprint("checkout_pages", __name__, url_prefix=STOREFRONT_ROOT)


@checkout_pages.get("/<locale>/checkout")
@public(WHY)
def show_checkout(locale: str) -> Response:
    """Asks whom it is for and where it goes."""
    return _checkout_page(Visit.of(locale), {})


@checkout_pages.post("/<locale>/checkout")
@public(WHY)
@forms.takes_form
def check_out(locale: str) -> Response:
    """Orders what is in the cart, at the total that the buyer was shown."""
    visit = Visit.of(locale)
    kept = cookies.cart_of(request)
    given = {name: forms.text(name) for name in (*_ADDRESS, "email")}
    if kept is None:
        return _checkout_page(visit, given)
    given["country"] = given["country"].upper()
    body = {
        "total_minor": forms.number(forms.text("total_minor")),
        "contact": _said({"email": given["email"], "name": given["name"]}),
        "shipping_address": _said({name: given[name] for name in _ADDRESS}),
    }
    place = {"country": given["country"] or None, "postal_code": given["postal_code"] or None}
    try:
        visit.api.send("PATCH", f"/v1/carts/{kept.id}", place, cart=kept.token)
        order = visit.api.send("POST", f"/v1/carts/{kept.id}/checkout", body, cart=kept.token).body
    except Refused as refused:
        if not refused.is_for_the_buyer:
            raise
        return _checkout_page(visit, given, refused)
    answer: Response = redirect(visit.at("order"), 303)  # type: ignore[assignment]  # werkzeug's, which Flask's is
    cookies.keep_order(request, answer, order["claim_token"])
    cookies.forget_cart(request, answer)
    return answer


@checkout_pages.get("/<locale>/order")
@public(WHY)
def show_order(locale: str) -> Response:
    """The last order of this browser: what was ordered, what became of it, and the way to pay it."""
    return _order_page(Visit.of(locale))


@checkout_pages.post("/<locale>/order/payment")
@public(WHY)
@forms.takes_form
def pay_order(locale: str) -> Response:
    """Pays it through the payment provider; the same form sent twice pays once."""
    visit = Visit.of(locale)
    claim = cookies.claim_of(request)
    once = f"storefront-{forms.text('once')}"
    try:
        visit.api.send(
            "POST", "/v1/orders/claimed/payments", {"token": forms.text("payment_token")}, claim=claim, once=once
        )
    except Refused as refused:
        if not refused.is_for_the_buyer:
            raise
        return _order_page(visit, refused)
    return redirect(visit.at("order"), 303)  # type: ignore[return-value]  # werkzeug's, which Flask's is


def _checkout_page(visit: Visit, given: dict[str, str], refused: Refused | None = None) -> Response:
    kept = cookies.cart_of(request)
    cart = None if kept is None else read_cart(visit, kept)
    if cart is None or not cart["lines"]:
        return redirect(visit.at("cart"), 303)  # type: ignore[return-value]  # werkzeug's, which Flask's is
    filled = {"country": cart["country"] or "", "postal_code": cart["postal_code"] or "", **given}
    wrong = [] if refused is None else refused.problem.get("errors", [])
    return visit.page(
        "checkout.html",
        status=200 if refused is None else refused.status,
        cart=cart,
        given=filled,
        problem=None if refused is None else refused.problem,
        wrong={one["field"].rpartition(".")[2]: one["message"] for one in wrong},
        languages=languages(visit, "checkout"),
    )


def _order_page(visit: Visit, refused: Refused | None = None) -> Response:
    claim = cookies.claim_of(request)
    order: dict[str, Any] | None = None
    steps: list[Any] = []
    payments: list[Any] = []
    if claim:
        try:
            order = visit.api.get("/v1/orders/claimed", claim=claim).body
            steps = visit.api.get("/v1/orders/claimed/timeline", claim=claim).body["items"]
            payments = visit.api.get("/v1/orders/claimed/payments", claim=claim, limit=1).body["items"]
        except Refused as gone:
            if gone.status != 404:
                raise
    waits = bool(payments) and payments[0]["status"] == "pending"
    return visit.page(
        "order.html",
        status=200 if refused is None else refused.status,
        order=order,
        steps=steps,
        waits=waits,
        to_pay=order is not None and order["status"] == _UNPAID and order["total_minor"] > 0 and not waits,
        test_tokens=_TEST_TOKENS,
        once=uuid4().hex,
        problem=None if refused is None else refused.problem,
        languages=languages(visit, "order"),
    )


def _said(given: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if value}
