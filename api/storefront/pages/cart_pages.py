"""The cart of a visitor: what is in it, where it goes, what it comes to."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, redirect, request

from api.http.security import public
from api.http.server.mounted_applications import STOREFRONT_ROOT
from api.storefront import cookies, forms
from api.storefront.cookies import CartCookie
from api.storefront.own_api import Refused
from api.storefront.pages.search_pages import WHY, languages
from api.storefront.quantities import articles_in
from api.storefront.visit import Visit

cart_pages = APIBlueprint("cart_pages", __name__, url_prefix=STOREFRONT_ROOT)


@cart_pages.get("/<locale>/cart")
@public(WHY)
def show_cart(locale: str) -> Response:
    """The cart, counted at the prices of now."""
    visit = Visit.of(locale)
    return cart_page(visit)


@cart_pages.post("/<locale>/cart")
@public(WHY)
@forms.takes_form
def add_to_cart(locale: str) -> Response:
    """Puts something in, into a new cart where there is none."""
    visit = Visit.of(locale)
    lines = [{"sku": forms.text("sku"), "quantity": max(forms.number(forms.text("quantity")), 1)}]
    kept = cookies.cart_of(request)
    try:
        cart, kept = _added(visit, kept, lines)
    except Refused as refused:
        if not refused.is_for_the_buyer:
            raise
        return cart_page(visit, refused)
    return _done(visit, cart, kept)


@cart_pages.post("/<locale>/cart/lines")
@public(WHY)
@forms.takes_form
def change_lines(locale: str) -> Response:
    """Says how many of each are in it; `remove` names one to take out."""
    skus, quantities = request.form.getlist("sku"), request.form.getlist("quantity")
    gone = forms.text("remove")
    lines = [
        {"sku": sku, "quantity": 0 if sku == gone else forms.number(quantity.strip())}
        for sku, quantity in zip(skus, quantities, strict=False)
    ]
    return _changed(Visit.of(locale), lambda visit, kept: _send(visit, kept, "PUT", {"lines": lines}, "/lines"))


@cart_pages.post("/<locale>/cart/details")
@public(WHY)
@forms.takes_form
def change_details(locale: str) -> Response:
    """Says where it goes, how it is sent, and with which code; what is left empty is said no more."""
    names = ("country", "postal_code", "shipping_method", "discount_code")
    change = {name: forms.text(name) or None for name in names if name in request.form}
    if change.get("country"):
        change["country"] = str(change["country"]).upper()
    return _changed(Visit.of(locale), lambda visit, kept: _send(visit, kept, "PATCH", change))


def cart_page(visit: Visit, refused: Refused | None = None) -> Response:
    kept = cookies.cart_of(request)
    cart = None if kept is None else read_cart(visit, kept)
    answer = visit.page(
        "cart.html",
        status=200 if refused is None else refused.status,
        cart=cart,
        problem=None if refused is None else refused.problem,
        languages=languages(visit, "cart"),
    )
    if kept is not None and cart is None:
        cookies.forget_cart(request, answer)
    return answer


def read_cart(visit: Visit, kept: CartCookie) -> dict[str, Any] | None:
    """As it would be ordered now, each line with its product; None: it is no open cart of this shop."""
    try:
        cart: dict[str, Any] = visit.api.get(
            f"/v1/carts/{kept.id}", cart=kept.token, locale=visit.locale, include="products"
        ).body
    except Refused as refused:
        if refused.status == 404:
            return None
        raise
    if cart["counted"] is None:
        return None
    by_variant = {one["id"]: product for product in cart["products"] for one in product["variants"]}
    for line, counted in zip(cart["lines"], cart["counted"]["lines"], strict=True):
        product = by_variant.get(line["variant_id"])
        line["title"] = (product or counted)["title"] or line["sku"]
        line["lang"] = product["locale"] if product else visit.locale
        line["address"] = visit.at(f"products/{product['handle']}") if product else None
        line["counted"] = counted
    return cart


def _added(visit: Visit, kept: CartCookie | None, lines: list[Any]) -> tuple[Any, CartCookie]:
    if kept is not None:
        try:
            return _send(visit, kept, "POST", {"lines": lines}, "/lines"), kept
        except Refused as refused:
            if refused.status != 404 and refused.code != "illegal_transition":
                raise
    made = visit.api.send("POST", "/v1/carts", {"lines": lines, "currency": visit.currency}).body
    return made, CartCookie(UUID(made["id"]), made["token"])


def _send(visit: Visit, kept: CartCookie, method: str, body: Any, below: str = "") -> Any:
    return visit.api.send(method, f"/v1/carts/{kept.id}{below}", body, cart=kept.token).body


def _changed(visit: Visit, change: Callable[[Visit, CartCookie], Any]) -> Response:
    kept = cookies.cart_of(request)
    if kept is None:
        return cart_page(visit)
    try:
        cart = change(visit, kept)
    except Refused as refused:
        if not refused.is_for_the_buyer:
            raise
        return cart_page(visit, refused)
    return _done(visit, cart, kept)


def _done(visit: Visit, cart: Any, kept: CartCookie) -> Response:
    """Seen, not sent again, when the browser loads the page anew."""
    answer: Response = redirect(visit.at("cart"), 303)  # type: ignore[assignment]  # werkzeug's, which Flask's is
    cookies.keep_cart(request, answer, kept, articles_in(cart))
    return answer
