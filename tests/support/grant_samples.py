"""Grants of reading orders under few conditions, and the orders and moments that meet them or do not."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from api.domain.conditions import Condition, Op, Surroundings
from api.domain.permissions import Grant, Scope

PAID = Condition("status", Op.EQ, ("paid",))
SMALL = Condition("total", Op.LTE, (100,), "EUR")
BY_DAY = Condition("time", Op.BETWEEN, ("08:00", "18:00"))
#: Few enough that they meet.
READS = st.lists(
    st.builds(
        Grant,
        st.just("orders"),
        st.just(frozenset({"read"})),
        st.sampled_from([Scope.ALL, Scope.OWN, None]),
        st.lists(st.sampled_from([PAID, SMALL, BY_DAY]), unique=True, max_size=3).map(tuple),
    ),
    max_size=4,
)
ROWS = [
    {"status": status, "currency": "EUR", "total_minor": total, "customer_ref": owner}
    for status in ("paid", "pending")
    for total in (50, 500)
    for owner in ("anna", "bert")
]
MOMENTS = [Surroundings(at=datetime(2026, 3, 1, hour, tzinfo=UTC)) for hour in (2, 12)]
