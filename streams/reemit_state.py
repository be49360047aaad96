"""Emits the state of everything again: page after page, no faster than asked, each page's place kept with its events.

Who reads the tables is the keeper of the write model; this only sets the pace. It may die at any moment: the pages
that were committed are emitted, the next ones are not, and whoever resumes goes on exactly there.
"""

import re
from collections.abc import Callable
from typing import Final

from schemas.write_model import Reemission, WriteModel

#: Few enough that writers who wait for one of them do not notice.
PAGE: Final = 200
_RATE: Final = re.compile(r"(\d+(?:\.\d+)?)(?:/s)?")


def rate_per_s(text: str) -> float:
    """`200/s` or `200`. Raises `ValueError` for anything else."""
    parsed = _RATE.fullmatch(text)
    if parsed is None or float(parsed[1]) <= 0:
        raise ValueError(f"{text} is no rate: 200/s is one")
    return float(parsed[1])


def reemit(
    keeper: WriteModel,
    reemission: Reemission,
    *,
    rate: float | None,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    report: Callable[[Reemission], None],
) -> Reemission:
    """Emits what is left; `rate` is aggregates a second, None as fast as it goes."""
    began, before = clock(), reemission.emitted
    page = PAGE if rate is None else max(1, min(PAGE, int(rate)))
    while not reemission.finished:
        reemission = keeper.go_on(reemission, page)
        report(reemission)
        if rate is not None:
            ahead_s = (reemission.emitted - before) / rate - (clock() - began)
            if ahead_s > 0 and not reemission.finished:
                sleep(ahead_s)
    return reemission
