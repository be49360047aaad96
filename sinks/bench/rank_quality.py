"""Says how good a ranking is: NDCG@10, success@1 and @10, and how many queries found nothing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

_DEEP: Final = 10


@dataclass(frozen=True, slots=True)
class RankQuality:
    """Means over the queries, each from 0 to 1. `nothing`: the share without any hit."""

    queries: int
    ndcg_10: float
    success_1: float
    success_10: float
    nothing: float


def ndcg(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """The gain 2^grade − 1 of the first ten, discounted by log2(rank + 1), by that of the best order there could be."""
    best = _gain(sorted(grades.values(), reverse=True))
    return _gain([grades.get(key, 0) for key in found]) / best


def quality(rankings: Sequence[tuple[Sequence[str], Mapping[str, int]]]) -> RankQuality:
    """Of what was found for each query, the best first, and the grades of what would have been good."""
    return RankQuality(
        queries=len(rankings),
        ndcg_10=fmean(ndcg(found, grades) for found, grades in rankings),
        success_1=fmean(any(key in grades for key in found[:1]) for found, grades in rankings),
        success_10=fmean(any(key in grades for key in found[:_DEEP]) for found, grades in rankings),
        nothing=fmean(not found for found, _ in rankings),
    )


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades[:_DEEP], start=1))
