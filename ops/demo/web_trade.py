"""Orders and pays as somebody does in a shop's web site: a cart, where it goes, a code, the checkout, a card."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from zlib import crc32

from ops.demo.grocer_source import Basket
from ops.demo.shop_client import Answer, Shop

#: Of a hundred baskets so many come by the web; of a hundred of these so many have a code or a card that is declined.
_SHARE: Final = 30
_CODES: Final = (("WELCOME10", 20), ("FREEVAN", 10))
_DECLINED: Final = 10
_ADDRESS: Final = {"line1": "1014 Vine Street", "postal_code": "45202", "city": "Cincinnati", "country": "US"}


def comes_by_web(basket: Basket) -> bool:
    return _draw(basket, "web") < _SHARE


def order(shop: Shop, basket: Basket, lines: Sequence[Mapping[str, Any]]) -> Answer | None:
    """None where something is short; the cart stays behind, as carts do."""
    where = {"country": _ADDRESS["country"], "postal_code": _ADDRESS["postal_code"]}
    cart = shop.post_unless_refused("/v1/carts", {"customer_ref": basket.household, "lines": lines, **where})
    if cart is None:
        return None
    chosen = shop.patch(f"/v1/carts/{cart['id']}", {"shipping_method": "van", "discount_code": _code(basket)})
    return shop.post_unless_refused(
        f"/v1/carts/{cart['id']}/checkout",
        {
            "total_minor": chosen["counted"]["total_minor"],
            "contact": {"name": basket.household, "email": f"{basket.household}@example.org"},
            "shipping_address": {"name": basket.household, **_ADDRESS},
        },
    )


def pay(shop: Shop, basket: Basket, placed: Answer) -> bool:
    """Whether the first card was declined. The order is confirmed by being paid."""
    declined = _draw(basket, "card") < _DECLINED
    for token in ("test_decline", "test_success") if declined else ("test_success",):
        shop.post_unless_refused(f"/v1/orders/{placed['id']}/payments", {"token": token})
    return declined


def _code(basket: Basket) -> str | None:
    number = _draw(basket, "code")
    for code, share in _CODES:
        if number < share:
            return code
        number -= share
    return None


def _draw(basket: Basket, what: str) -> int:
    """From 0 to 99, the same each time."""
    return crc32(f"{what}-{basket.external_id}".encode()) % 100
