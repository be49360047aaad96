"""Counts what a cart comes to: the lines, their tax, the shipping and the total, to the cent.

A discount is taken off the lines together, each its share; tax is due on what is left. It is rounded once for each line
and once for the shipping, half up. Where prices include the tax it is told and not added. Always: total = Σ lines −
discount + shipping + added tax.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from api.domain.tax_rates import MOST_RATE
from schemas.amount_shares import shares


@dataclass(frozen=True, slots=True)
class Taxed:
    """An amount, and the rate of tax on it."""

    amount_minor: int
    rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """`line_tax_minor` is of each line, in their order; of `tax_minor` and `tax_included_minor` one is 0."""

    line_tax_minor: tuple[int, ...]
    subtotal_minor: int
    discount_minor: int
    shipping_minor: int
    tax_minor: int
    tax_included_minor: int
    total_minor: int


def totals(lines: Sequence[Taxed], shipping: Taxed, *, discount_minor: int, prices_include_tax: bool) -> Totals:
    """`discount_minor` is at most what the lines are together."""
    off = shares(discount_minor, [line.amount_minor for line in lines]) if lines else ()
    left = [Taxed(line.amount_minor - share, line.rate) for line, share in zip(lines, off, strict=True)]
    taxes = tuple(tax_of(line, included=prices_include_tax) for line in left)
    tax = sum(taxes) + tax_of(shipping, included=prices_include_tax)
    subtotal = sum(line.amount_minor for line in lines)
    added, included = (0, tax) if prices_include_tax else (tax, 0)
    return Totals(
        line_tax_minor=taxes,
        subtotal_minor=subtotal,
        discount_minor=discount_minor,
        shipping_minor=shipping.amount_minor,
        tax_minor=added,
        tax_included_minor=included,
        total_minor=subtotal - discount_minor + shipping.amount_minor + added,
    )


def tax_of(taxed: Taxed, *, included: bool) -> int:
    """What is due on the amount, or what of it is tax already; half a cent is a whole one."""
    whole = MOST_RATE + taxed.rate if included else MOST_RATE
    return (2 * taxed.amount_minor * taxed.rate + whole) // (2 * whole)
