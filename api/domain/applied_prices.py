"""Says what a shop window shows of a price: what it is, who says so, how long, and what it was before. Pure."""

from dataclasses import dataclass
from datetime import datetime

from api.domain.list_prices import Decided, Wanted, price_of, valid_until
from api.domain.lowest_price import Said, lowest_before
from api.domain.price_lists import VariantPrices


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedPrice:
    """`valid_until` is when the clock alone makes it another one. `lowest_minor` is what is said beside a reduction:
    the lowest price of the 30 days before it; None where nothing is reduced, and of prices that not everybody pays.
    """

    decided: Decided
    valid_until: datetime | None
    tax_included: bool
    lowest_minor: int | None


def applied_price(
    variant: VariantPrices, said: Said, wanted: Wanted, *, tax_included: bool, known_since: datetime | None
) -> AppliedPrice | None:
    """None when there is no price in this currency. `known_since` is as `lowest_before` has it."""
    decided = price_of(variant.base, variant.tiers, wanted)
    if decided is None:
        return None
    return AppliedPrice(
        decided=decided,
        valid_until=valid_until(variant.base, variant.tiers, wanted),
        tax_included=tax_included,
        lowest_minor=_lowest(decided, said, wanted, known_since) if _is_everybodys(decided) else None,
    )


def _is_everybodys(decided: Decided) -> bool:
    """What everybody pays for one."""
    group = None if decided.price_list is None else decided.price_list.customer_group
    return decided.from_quantity == 1 and group is None


def _lowest(decided: Decided, said: Said, wanted: Wanted, known_since: datetime | None) -> int | None:
    found = lowest_before(said, wanted.currency, wanted.at, known_since)
    crossed_out = decided.compare_at_minor is not None and decided.compare_at_minor > decided.amount_minor
    return found.amount_minor if crossed_out or found.reduced_at is not None else None
