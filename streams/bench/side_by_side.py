"""Compares two that drain the same backlog, in rounds that take turns: the medians count, and the highest peaks."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Final

from ops.bench.figures import Figure, tell
from streams.bench.backlog_drain import Drained

PER: Final = 100_000
MEGABYTE: Final = 1024 * 1024


def drain(
    other: str, ours: Callable[[], Drained], baseline: Callable[[], Drained], events: int, rounds: int
) -> dict[str, Figure]:
    """Capture beside the `other`; who goes first alternates."""
    done: tuple[list[Drained], list[Drained]] = ([], [])
    turns = (ours, baseline)
    for number in range(rounds):
        for turn in (0, 1) if number % 2 == 0 else (1, 0):
            done[turn].append(turns[turn]())
        first, second = (runs[-1].events_per_s for runs in done)
        tell(f"backlog: round {number + 1} of {rounds}: capture {first:,.0f} events/s, {other} {second:,.0f} events/s")
    mine, its = (_Summary.of(runs, events) for runs in done)
    return {
        "capture_events_per_s": Figure.of(mine.events_per_s, its.events_per_s, "events/s"),
        "capture_cpu_s_per_100k": Figure.of(mine.cpu_s_per_100k, its.cpu_s_per_100k, "s"),
        "capture_peak_mb": Figure.of(mine.peak_mb, its.peak_mb, "MB"),
    }


@dataclass(frozen=True, slots=True)
class _Summary:
    events_per_s: float
    cpu_s_per_100k: float
    peak_mb: float

    @classmethod
    def of(cls, runs: list[Drained], events: int) -> "_Summary":
        return cls(
            median(run.events_per_s for run in runs),
            median(run.cpu_s for run in runs) * PER / events,
            max(run.peak_bytes for run in runs) / MEGABYTE,
        )
