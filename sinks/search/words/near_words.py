"""Says how far what is typed may be from a word that is still meant."""


def edits_of(exact: str) -> int:
    """How many letters of a word may be wrong."""
    return 0 if len(exact) < 4 else 1 if len(exact) < 8 else 2


def within(one: str, other: str, edits: int) -> bool:
    """Whether so many letters put in, left out, changed or swapped make one of the other."""
    if abs(len(one) - len(other)) > edits:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one):
        earlier, before, row = before, row, [n + 1]
        for m, its in enumerate(other):
            cost = min(before[m + 1] + 1, row[m] + 1, before[m] + (letter != its))
            if n and m and letter == other[m - 1] and one[n - 1] == its:
                cost = min(cost, earlier[m - 1] + 1)
            row.append(cost)
    return row[-1] <= edits
