"""Answers what a variant costs and which list says so, and what it cost before it was reduced."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from api.domain.errors import NotFound
from api.domain.list_prices import Decided, Wanted
from api.domain.lowest_price import LowestPrice, lowest_before
from api.domain.money import checked_currency
from api.domain.order_prices import Offer
from api.store.view import View
from api.use_cases.prices.commands import LowestPriceAsked, PriceAsked
from api.use_cases.prices.whose_prices import group_of_asker, require_own_people


@dataclass(frozen=True, slots=True)
class AskedPrice:
    """`decided` is None when there is no price in this currency."""

    offer: Offer
    wanted: Wanted
    decided: Decided | None


def ask_price(view: View, asked: PriceAsked) -> AskedPrice:
    """Raises `NotFound`, `Invalid`, and `Forbidden` for a group's price that is not the asker's business."""
    if asked.price_list_id is not None:
        require_own_people(view.access)
    group = group_of_asker(view.access, asked.customer_group, view.users.customer_group)
    currency = _currency(view, asked.currency)
    offer = _offer(view, asked.sku)
    wanted = Wanted(
        currency=currency,
        at=asked.at or offer.at,
        quantity=asked.quantity,
        customer_group=group,
        price_list_id=asked.price_list_id,
    )
    return AskedPrice(offer, wanted, offer.price(wanted))


@dataclass(frozen=True, slots=True)
class AskedLowest:
    offer: Offer
    at: datetime
    lowest: LowestPrice


def ask_lowest_price(view: View, asked: LowestPriceAsked, kept: timedelta | None) -> AskedLowest:
    """For moments that are no longer ago than `kept`; None: for all. Raises `NotFound`, `Invalid`."""
    currency = _currency(view, asked.currency)
    offer = _offer(view, asked.sku)
    at = asked.before or offer.at
    known_since = None if kept is None else offer.at - kept
    said = view.price_history.said([offer.variant_id], currency)[offer.variant_id]
    return AskedLowest(offer, at, lowest_before(said, currency, at, known_since))


def _currency(view: View, named: str | None) -> str:
    return checked_currency(named or view.access.shop.currency, "currency")


def _offer(view: View, sku: str) -> Offer:
    """Of what whoever asks may see."""
    if view.products.by_sku(sku) is None:
        raise NotFound("variant", sku)
    offer = view.orders.offers([sku], view.access.shop.default_locale, with_prices=True).get(sku)
    if offer is None:
        raise NotFound("variant", sku)
    return offer
