"""Closes a gap: all that it may lack is emitted again, the read models are compared with the tables, then its row is
closed.

Capture vouches again only when all that was in the log of PostgreSQL before that row is in Kafka, and a feed only when
it has applied that. It may die at any moment: a re-emission begun after the gap was opened is gone on with, and one
that is finished is not done twice.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ops.settings import Settings
from schemas import topics
from schemas.write_model import Reemission, WriteModel
from sinks.read_model import ReadModel
from sinks.read_models import VERIFIED
from sinks.verify_model import Finding, Verifying
from streams import reemit_state
from streams.open_gaps import OpenGap

Report = Callable[[str], None]

#: What people decided about dead letters travels like every other event, and can be missing like one.
DECISIONS: Final = topics.DEAD_LETTER_DECISIONS.name.removeprefix(topics.PREFIX)


class StillDiffers(Exception):
    """A read model is not what the tables say, after everything was emitted again."""

    def __init__(self, model: str, finding: Finding) -> None:
        super().__init__(f"{model} still has {len(finding.differences)} documents that are not what the tables say")


class NotReadAgain(Exception):
    """Capture has not begun to read again since the gap was opened: what is emitted now may be lost as well."""

    def __init__(self) -> None:
        super().__init__("capture does not read again yet, and what is emitted before it does may be lost as well")


@dataclass(slots=True)
class ClosedGap:
    """How much was emitted again of each aggregate type, and how many documents of each read model were compared."""

    emitted: dict[str, int] = field(default_factory=dict)
    compared: dict[str, int] = field(default_factory=dict)


def affected_aggregates(gaps: Iterable[OpenGap]) -> list[str]:
    """In the order in which they are declared."""
    names = {name for gap in gaps for name in gap.topics}
    return [topic.name.removeprefix(topics.PREFIX) for topic in topics.AGGREGATES if topic.name in names]


def emitted_again_after(gaps: Sequence[OpenGap]) -> datetime:
    """What is emitted again after this moment is behind all of them. Raises `NotReadAgain`."""
    moments = [gap.since for gap in gaps if gap.since is not None]
    if len(moments) < len(gaps):
        raise NotReadAgain
    return max(moments)


def emit_again(keeper: WriteModel, aggregate: str, since: datetime, rate: float | None, report: Report) -> int:
    """Everything of this type, including what is gone; goes on with what was begun after `since`."""
    run = keeper.covering(aggregate, since) or keeper.begin(aggregate)

    def tell(now: Reemission) -> None:
        report(f"{aggregate}: {now.emitted} emitted again")

    return reemit_state.reemit(keeper, run, rate=rate, clock=time.monotonic, sleep=time.sleep, report=tell).emitted


def compare(settings: Settings, keeper: WriteModel, model: ReadModel, report: Report) -> Finding:
    """Every document; what is not right is repaired once. Raises `StillDiffers`."""
    name = model.name
    with closing(model.published(settings)) as published:
        verifying = Verifying(
            model,
            published,
            keeper,
            report=lambda checked: report(f"{name}: {checked} documents compared"),
            across_gaps=True,
        )
        found = verifying.full()
        if found.differences:
            report(f"{name}: {len(found.differences)} documents are repaired")
            found = verifying.repair(found)
    if found.differences:
        raise StillDiffers(name, found)
    return found


def affected_models(aggregates: Iterable[str]) -> list[ReadModel]:
    names = set(aggregates)
    return [one for one in VERIFIED if names & {projection.aggregate for projection in one.projections}]


def resync(
    settings: Settings, keeper: WriteModel, gaps: Sequence[OpenGap], rate: float | None, report: Report
) -> ClosedGap:
    """All but the closing."""
    done = ClosedGap()
    since = emitted_again_after(gaps)
    aggregates = affected_aggregates(gaps)
    for aggregate in aggregates:
        done.emitted[aggregate] = emit_again(keeper, aggregate, since, rate, report)
    if any(topics.DEAD_LETTER_DECISIONS.name in gap.topics for gap in gaps):
        done.emitted[DECISIONS] = emit_again(keeper, DECISIONS, since, rate, report)
    for model in affected_models(aggregates):
        done.compared[model.name] = compare(settings, keeper, model, report).checked
    return done
