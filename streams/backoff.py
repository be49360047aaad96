"""Says how long to wait for something that is down: longer each time, never longer than a cap, never all at once."""

import random
from typing import Final

CAP_S: Final = 30.0


def pause_s(attempt: int, at_least_s: float = 0.0, chance: float | None = None) -> float:
    """Capped exponential back-off with full jitter; `attempt` counts from 0, `chance` (0 to 1) is for tests."""
    longest = min(CAP_S, 0.25 * 2.0 ** min(attempt, 20))
    share = random.random() if chance is None else chance  # noqa: S311  # spreads load, keeps no secret
    return max(min(at_least_s, CAP_S) * share, longest * share)
