"""Lists what lifts a product besides words, one row each, and how much unless the shop says otherwise.

The score of a hit is that of the words, times 1 + the sum of what each signal says (0 to 1) × its percent / 100. Sales
are in another store, which is asked now and then for what sells best, and not by each search.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sinks.search.best_sellers import NOTHING_SOLD, BestSellers
from sinks.search.product_filters import IN_STOCK


@dataclass(frozen=True, slots=True)
class Signal:
    """`function` is what OpenSearch computes from a product: 0 to 1; None: what its rank among the best sellers says.
    `percent`: how much it counts.
    """

    name: str
    means: str
    function: Mapping[str, Any] | None
    percent: int


#: How soon novelty fades: half of it is gone after so long.
HALF_LIFE: Final = "30d"
SIGNALS: Final = (
    Signal("in_stock", "it can be ordered", {"filter": IN_STOCK}, 10),
    Signal(
        "new",
        "how new it is: half after 30 days, a quarter after 60",
        {"exp": {"created_at": {"origin": "now", "scale": HALF_LIFE, "decay": 0.5}}},
        0,
    ),
    Signal("sold", "how well it sold in 30 days: 1 for the first 10, 0.6 up to 50, 0.3 up to 200", None, 0),
)
DEFAULTS: Final[Mapping[str, int]] = {one.name: one.percent for one in SIGNALS}


def percent_of(signal: Signal, weights: Mapping[str, int]) -> int:
    """`weights`: percent by signal; one that is not named counts as the table says."""
    return weights.get(signal.name, signal.percent)


def says(signal: Signal, sold: BestSellers = NOTHING_SOLD) -> dict[str, Any]:
    """A clause whose score is what the signal says of a product; one of which it says nothing does not match."""
    if signal.function is None:
        ranks = [
            {"constant_score": {"filter": {"ids": {"values": ids}}, "boost": share}} for share, ids in sold.ranks()
        ]
        return {"bool": {"should": ranks}} if ranks else {"match_none": {}}
    if "filter" in signal.function:
        return {"constant_score": {"filter": signal.function["filter"]}}
    return {"function_score": {"query": {"match_all": {}}, "functions": [signal.function], "boost_mode": "replace"}}


def with_signals(
    words: dict[str, Any],
    weights: Mapping[str, int],
    now: datetime | None = None,
    sold: Callable[[], BestSellers] = lambda: NOTHING_SOLD,
) -> dict[str, Any]:
    """The clause, lifted. `now`: instead of OpenSearch's clock. `sold` is asked only where it counts."""
    functions = [
        {**function, "weight": round(percent * share / 100, 6)}
        for one in SIGNALS
        if (percent := percent_of(one, weights)) > 0
        for function, share in _functions(one, now, sold)
    ]
    if not functions:
        return words
    return {
        "function_score": {
            "query": words,
            "functions": [{"weight": 1}, *functions],
            "score_mode": "sum",
            "boost_mode": "multiply",
        }
    }


def _functions(
    signal: Signal, now: datetime | None, sold: Callable[[], BestSellers]
) -> list[tuple[Mapping[str, Any], float]]:
    """Each with how much of the signal it says."""
    if signal.function is None:
        return [({"filter": {"ids": {"values": ids}}}, share) for share, ids in sold().ranks()]
    return [(_as_of(signal.function, now), 1.0)]


def _as_of(function: Mapping[str, Any], now: datetime | None) -> Mapping[str, Any]:
    if now is None or "exp" not in function:
        return function
    return {"exp": {field: {**how, "origin": now.isoformat()} for field, how in function["exp"].items()}}
