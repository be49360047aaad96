"""Ships a paid order in one parcel or several, and delivers it when all of them have left.

A line without a quantity (a deposit, an amount) is nothing that a parcel could hold. An order of such lines only is
shipped by one parcel without lines.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from api.domain.errors import FieldError, Invalid
from api.domain.orders import MOST_PARCELS, Delivered, Paid, PartlyShipped, Shipped
from schemas.events.order import Parcel, ParcelLine


def left_to_ship(paid: Paid, parcels: Sequence[Parcel]) -> tuple[ParcelLine, ...]:
    """What of the order is still here and is to leave, line by line."""
    gone = Counter[int]()
    for parcel in parcels:
        gone.update({line.line_no: line.quantity for line in parcel.lines})
    for refund in paid.refunds:
        gone.update({line.line_no: line.not_sent for line in refund.lines})
    return tuple(
        ParcelLine(line_no=line_no, quantity=line.quantity - gone[line_no])
        for line_no, line in enumerate(paid.terms.lines, start=1)
        if line.quantity > gone[line_no]
    )


def ship(
    order: Paid | PartlyShipped,
    *,
    lines: Sequence[ParcelLine] | None,
    carrier: str | None,
    tracking_number: str | None,
    at: datetime,
) -> PartlyShipped | Shipped:
    """One parcel more; without `lines` it holds all that is left. Raises `Invalid` naming every line that cannot go."""
    paid, before = (order, ()) if isinstance(order, Paid) else (order.paid, order.parcels)
    if at < (before[-1].shipped_at if before else paid.paid_at):
        raise Invalid.field("shipped_at", "too_early", "A parcel does not leave before what it follows.")
    if len(before) == MOST_PARCELS:
        raise Invalid.field("parcels", "too_long", f"An order has at most {MOST_PARCELS} parcels.")
    left = left_to_ship(paid, before)
    if lines is not None:
        _require_left(lines, left, len(order.terms.lines))
    parcel = Parcel(
        parcel_no=len(before) + 1,
        lines=left if lines is None else tuple(sorted(lines, key=lambda line: line.line_no)),
        carrier=carrier,
        tracking_number=tracking_number,
        shipped_at=at,
    )
    parcels = (*before, parcel)
    return PartlyShipped(paid, parcels) if left_to_ship(paid, parcels) else Shipped(paid, parcels)


def deliver(order: Shipped, at: datetime) -> Delivered:
    if at < order.shipped_at:
        raise Invalid.field("delivered_at", "too_early", "An order is not delivered before it is shipped.")
    return Delivered(order, at)


def _require_left(wanted: Sequence[ParcelLine], left: Sequence[ParcelLine], lines: int) -> None:
    here = {line.line_no: line.quantity for line in left}
    seen: set[int] = set()
    wrong: list[FieldError] = [] if wanted else [FieldError("lines", "too_short", "A parcel holds something.")]
    for at, line in enumerate(wanted):
        some = here.get(line.line_no, 0)
        if not 1 <= line.line_no <= lines:
            wrong.append(FieldError(f"lines.{at}.line_no", "unknown_line", f"The order has no line {line.line_no}."))
        elif line.line_no in seen:
            wrong.append(FieldError(f"lines.{at}.line_no", "repeated", f"Line {line.line_no} is named twice."))
        elif not 1 <= line.quantity <= some:
            message = f"Of line {line.line_no} there are {some} left to ship."
            wrong.append(FieldError(f"lines.{at}.quantity", "out_of_range", message))
        seen.add(line.line_no)
    if wrong:
        raise Invalid("Some lines cannot be shipped.", wrong)
