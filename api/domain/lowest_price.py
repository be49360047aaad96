"""Says what everybody paid for a variant at which time, and the lowest price before a reduction. Pure.

What was said and when is given: of the product, of each list, of each price in a list. So a sale that began by the
clock is told like one that somebody began, and no price is guessed at from what was shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from api.domain.list_prices import Tier, Wanted, price_of
from schemas.events.price_list import PriceList
from schemas.events.product import Price

T = TypeVar("T")
#: Article 6a of Directive 98/6/EC.
WINDOW: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Spell(Generic[T]):
    """What was so from `since` until before `until`; None: it is so still."""

    value: T
    since: datetime
    until: datetime | None

    def holds_at(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class SaidOfTier:
    """A price in a list, whatever the list was like at the time."""

    price_list_id: UUID
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Of one variant in one currency: its own prices, the lists everybody has, and the prices of one in them."""

    base: Sequence[Spell[int]]
    lists: Sequence[Spell[PriceList]]
    tiers: Sequence[Spell[SaidOfTier]]


@dataclass(frozen=True, slots=True)
class Period:
    """One price, from `since` until before `until`; None: it had none."""

    amount_minor: int | None
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LowestPrice:
    """`amount_minor` is the lowest from `since` until before `until`; None: it had no price then.

    `current_minor` is the price at the moment that was asked for. `reduced_at` is when the reduction that is in effect
    then began; without one the window ends at that moment.
    """

    currency: str
    current_minor: int | None
    reduced_at: datetime | None
    amount_minor: int | None
    since: datetime
    until: datetime


def lowest_before(said: Said, currency: str, at: datetime, known_since: datetime | None = None) -> LowestPrice:
    """The lowest price of the 30 days before the reduction in effect at this moment began.

    What was said longer ago than the 30 days before `known_since` may be missing in `said`, and counts for nothing:
    before `known_since` there was no price, and no reduction.
    """
    known_since = known_since or datetime.min.replace(tzinfo=UTC) + WINDOW
    periods = (
        price_periods(said, currency, max(_first(said, at), known_since - WINDOW), at + timedelta(microseconds=1))
        if at >= known_since
        else []
    )
    reduced_at = _reduction(periods, known_since)
    until = reduced_at or at
    since = until - WINDOW
    amounts = [
        period.amount_minor
        for period in periods
        if period.amount_minor is not None and period.since < until and period.until > since
    ]
    return LowestPrice(
        currency=currency,
        current_minor=periods[-1].amount_minor if periods else None,
        reduced_at=reduced_at,
        amount_minor=min(amounts, default=None),
        since=since,
        until=until,
    )


def price_periods(said: Said, currency: str, begin: datetime, end: datetime) -> list[Period]:
    """All of the time between, in order, without gaps; neighbours have different prices."""
    found: list[Period] = []
    edges = sorted({begin, end, *(one for one in _edges(said) if begin < one < end)})
    for since, until in pairwise(edges):
        amount = _amount_at(said, currency, since)
        if found and found[-1].amount_minor == amount:
            found[-1] = Period(amount, found[-1].since, until)
        else:
            found.append(Period(amount, since, until))
    return found


def _amount_at(said: Said, currency: str, at: datetime) -> int | None:
    base = [
        Price(currency=currency, amount_minor=one.value, compare_at_minor=None) for one in said.base if one.holds_at(at)
    ]
    lists = {one.value.id: one.value for one in said.lists if one.holds_at(at)}
    tiers = [
        Tier(
            price_list=lists[one.value.price_list_id],
            from_quantity=1,
            amount_minor=one.value.amount_minor,
            compare_at_minor=None,
        )
        for one in said.tiers
        if one.holds_at(at) and one.value.price_list_id in lists
    ]
    decided = price_of(base, tiers, Wanted(currency=currency, at=at))
    return None if decided is None else decided.amount_minor


def _reduction(periods: Sequence[Period], known_since: datetime) -> datetime | None:
    """When the last price came to be below the one before it."""
    if len(periods) < 2 or periods[-1].since < known_since:
        return None
    before, current = periods[-2].amount_minor, periods[-1].amount_minor
    return periods[-1].since if before is not None and current is not None and current < before else None


def _edges(said: Said) -> Iterable[datetime]:
    """Every moment at which the price may have become another one."""
    spells: list[Spell[Any]] = [*said.base, *said.lists, *said.tiers]
    for spell in spells:
        yield from (one for one in (spell.since, spell.until) if one is not None)
    for one in said.lists:
        yield from (moment for moment in (one.value.starts_at, one.value.ends_at) if moment is not None)


def _first(said: Said, at: datetime) -> datetime:
    """When anything was said first."""
    since: list[datetime] = [one.since for one in said.base]
    since += [one.since for one in said.tiers]
    return min((one for one in since if one < at), default=at)
