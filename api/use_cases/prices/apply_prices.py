"""Looks up the prices that apply now to variants of products, for whoever asks, in a constant number of statements."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from uuid import UUID

from api.domain.applied_prices import AppliedPrice, applied_price
from api.domain.list_prices import Wanted
from api.domain.money import checked_currency
from api.store.view import View
from api.use_cases.prices.commands import PricesWanted
from api.use_cases.prices.whose_prices import group_of_asker

#: By variant. None is there where no prices were asked for.
Applied = Mapping[UUID, AppliedPrice | None] | None


def applied_prices(view: View, product_ids: Collection[UUID], asked: PricesWanted, kept: timedelta | None) -> Applied:
    """`kept` is how long ago a past price can be asked for; None: however long.

    Raises `Invalid` for a currency that is none, and `Forbidden` for a group that is not the asker's business.
    """
    if asked.model_fields_set.isdisjoint(PricesWanted.model_fields):
        return None
    currency = checked_currency(asked.currency or view.access.shop.currency, "currency")
    group = group_of_asker(view.access, asked.customer_group, view.users.customer_group)
    wanted = Wanted(currency=currency, at=view.list_prices.clock(), quantity=asked.quantity or 1, customer_group=group)
    variants = [one for its in view.list_prices.of_products(product_ids).values() for one in its]
    said = view.price_history.said([one.variant_id for one in variants], currency)
    tax_included = view.taxes.get().value.includes_tax(asked.country)
    return {
        one.variant_id: applied_price(
            one,
            said[one.variant_id],
            wanted,
            tax_included=tax_included,
            known_since=None if kept is None else wanted.at - kept,
        )
        for one in variants
    }
