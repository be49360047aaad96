"""Draws from a seed who is struck when, and how: the same seed gives the same schedule."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ops.feeds import all_feeds

Action = Literal["kill", "freeze", "restart", "poison"]

#: How often each is struck, beside the others. Servers take longer to come back, so they are struck less.
_TARGETS: Final = {"capture": 6, "api": 5, "postgres": 2, "kafka": 1, "opensearch": 1}
_EACH_FEED: Final = 6
ACTIONS: Final[dict[Action, int]] = {"kill": 8, "freeze": 2, "restart": 1}
POISON_SHARE: Final = 0.15
#: Seconds between two blows.
GAP_S: Final = (0.3, 2.5)
FREEZE_S: Final = (0.5, 4.0)


@dataclass(frozen=True, slots=True)
class Blow:
    """`at_s` counts from the beginning; `lasts_s` is how long something is frozen. Poison has a topic as its target."""

    at_s: float
    action: Action
    target: str
    lasts_s: float = 0.0


def targets() -> dict[str, int]:
    """Who is struck, and how often beside the others."""
    return _TARGETS | {feed.process: _EACH_FEED for feed in all_feeds()}


def schedule(seed: int, seconds: float, topics: Sequence[str]) -> list[Blow]:
    chance = random.Random(seed)  # noqa: S311  # reproducible on purpose
    struck = targets()
    blows: list[Blow] = []
    at_s = chance.uniform(*GAP_S)
    while at_s < seconds:
        if chance.random() < POISON_SHARE:
            blows.append(Blow(at_s, "poison", chance.choice(list(topics))))
        else:
            (target,) = chance.choices(list(struck), weights=list(struck.values()))
            (action,) = chance.choices(list(ACTIONS), weights=list(ACTIONS.values()))
            blows.append(Blow(at_s, action, target, chance.uniform(*FREEZE_S) if action == "freeze" else 0.0))
        at_s += chance.uniform(*GAP_S)
    return blows
