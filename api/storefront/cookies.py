"""What a visitor's browser keeps for a shop: the way to a cart and to an order, and what shows that a form is ours.

Scripts see none of it, other sites' forms bring none of it (`SameSite`), and by TLS no other host can set it
(`__Host-`). A cookie of another shop leads nowhere: carts and orders are looked up in the shop of the host.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from flask import Request, Response

FORM_FIELD: Final = "form_token"
_CART: Final = "shop-cart"
_COUNT: Final = "shop-cart-count"
_ORDER: Final = "shop-order"
_FORM: Final = "shop-form"
_VISIT: Final = "shop-visit"
_DAYS: Final = 24 * 3600
_KEPT_S: Final = 30 * _DAYS
_TOKEN: Final = re.compile(r"[A-Za-z0-9_.~-]{16,300}")
_MOST_SHOWN: Final = 9999


@dataclass(frozen=True, slots=True)
class CartCookie:
    id: UUID
    token: str


def cart_of(request: Request) -> CartCookie | None:
    id_, _, token = _read(request, _CART).partition(".")
    try:
        return CartCookie(UUID(id_), token) if _TOKEN.fullmatch(token) else None
    except ValueError:
        return None


def count_of(request: Request) -> int:
    text = _read(request, _COUNT)
    return min(int(text), _MOST_SHOWN) if text.isascii() and text.isdigit() and len(text) <= len("9999") else 0


def claim_of(request: Request) -> str:
    """With it the last order is read; empty: there is none."""
    text = _read(request, _ORDER)
    return text if _TOKEN.fullmatch(text) else ""


def form_token_of(request: Request) -> str:
    """What the forms of this browser bring; empty: it has none yet."""
    text = _read(request, _FORM)
    return text if _TOKEN.fullmatch(text) else ""


def visit_of(request: Request) -> str:
    """What this visit is called, for as long as the browser is open; empty: it has no name yet."""
    text = _read(request, _VISIT)
    return text if _TOKEN.fullmatch(text) else ""


def new_form_token() -> str:
    return secrets.token_urlsafe(32)


def is_our_form(request: Request) -> bool:
    """Whether what was sent comes from a page that this browser got here."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    kept, sent = form_token_of(request), request.form.get(FORM_FIELD, "")
    return site in ("same-origin", "none") and bool(kept) and hmac.compare_digest(kept.encode(), sent.encode())


def keep_cart(request: Request, response: Response, cart: CartCookie, count: int) -> None:
    _keep(request, response, _CART, f"{cart.id}.{cart.token}")
    _keep(request, response, _COUNT, str(count))


def forget_cart(request: Request, response: Response) -> None:
    _keep(request, response, _CART, "", age_s=0)
    _keep(request, response, _COUNT, "", age_s=0)


def keep_order(request: Request, response: Response, claim_token: str) -> None:
    _keep(request, response, _ORDER, claim_token)


def keep_form_token(request: Request, response: Response, token: str) -> None:
    _keep(request, response, _FORM, token)


def begin_visit(request: Request, response: Response) -> None:
    """By a name that says nothing of anybody."""
    _keep(request, response, _VISIT, secrets.token_urlsafe(16), age_s=None)


def _read(request: Request, name: str) -> str:
    return request.cookies.get(_name(request, name), "")


def _keep(request: Request, response: Response, name: str, value: str, age_s: int | None = _KEPT_S) -> None:
    """`age_s` None: until the browser is closed."""
    response.set_cookie(
        _name(request, name), value, max_age=age_s, path="/", secure=request.is_secure, httponly=True, samesite="Lax"
    )


def _name(request: Request, name: str) -> str:
    return f"__Host-{name}" if request.is_secure else name
