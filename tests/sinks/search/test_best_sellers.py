"""What sells best lifts a hit by its rank, where the shop wants it."""

from typing import Any
from uuid import uuid4

from sinks.search.best_sellers import RANKS, BestSellers
from sinks.search.ranking_signals import SIGNALS, says, with_signals

SOLD = next(one for one in SIGNALS if one.function is None)
WORDS: dict[str, Any] = {"match_all": {}}
PRODUCTS = tuple(uuid4() for _ in range(60))


def test_each_rank_says_less_than_the_one_before_and_a_change_within_it_says_nothing() -> None:
    ranks = list(BestSellers(PRODUCTS).ranks())
    turned = list(BestSellers((*reversed(PRODUCTS[:10]), *PRODUCTS[10:])).ranks())

    assert [(share, len(ids)) for share, ids in ranks] == [(1.0, 10), (0.6, 40), (0.3, 10)]
    assert ranks == turned
    assert [share for _, share in RANKS] == sorted((share for _, share in RANKS), reverse=True)


def test_it_counts_as_much_as_the_shop_says_and_is_not_asked_for_otherwise() -> None:
    asked: list[str] = []

    def sold() -> BestSellers:
        asked.append("sold")
        return BestSellers(PRODUCTS[:11])

    unasked = with_signals(WORDS, {"in_stock": 0}, None, sold)
    lifted = with_signals(WORDS, {"in_stock": 0, "sold": 50}, None, sold)["function_score"]["functions"]

    assert (unasked, asked) == (WORDS, ["sold"])
    assert [one["weight"] for one in lifted] == [1, 0.5, 0.3]
    assert lifted[2]["filter"]["ids"]["values"] == [str(PRODUCTS[10])]


def test_of_what_sells_nothing_it_says_nothing() -> None:
    assert with_signals(WORDS, {"in_stock": 0, "sold": 50}) == WORDS
    assert says(SOLD) == {"match_none": {}}
    assert [one["constant_score"]["boost"] for one in says(SOLD, BestSellers(PRODUCTS))["bool"]["should"]] == [
        1,
        0.6,
        0.3,
    ]
