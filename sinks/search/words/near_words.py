"""Says how far what is typed may be from a word that is still meant."""

from rapidfuzz.distance import OSA


def edits_of(exact: str) -> int:
    """How many letters of a word may be wrong."""
    return 0 if len(exact) < 4 else 1 if len(exact) < 8 else 2


def within(one: str, other: str, edits: int) -> bool:
    """Whether so many letters put in, left out, changed or swapped make one of the other."""
    return OSA.distance(one, other, score_cutoff=edits) <= edits
