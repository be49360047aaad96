"""Tells which version of each event a consumer knows: a running feed says it itself, of others the code is asked.

A feed that runs may be older or newer than this code, so its own word counts: the metric `rustok_feed_knows_version` on
its page. An event that a running feed does not name is one it does not know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ops import metrics, process_health
from ops.processes import all_processes
from ops.settings import Settings
from schemas.event_catalogue import HISTORIES
from schemas.topics import DEAD_LETTER_DECISIONS, of_aggregate
from sinks.read_model import ReadModel
from sinks.read_models import READ_MODELS

METRIC: Final = "rustok_feed_knows_version"
Source = Literal["feed", "code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """`versions`: event type → newest version it knows. `source`: who says so; `topics`: what it reads."""

    name: str
    topics: frozenset[str]
    versions: Mapping[str, int]
    source: Source

    def knows(self, event_type: str) -> int:
        """0 for an event it has never heard of."""
        return self.versions.get(event_type, 0)


def topics_of(model: ReadModel) -> frozenset[str]:
    """A feed also reads what people decided about its dead letters."""
    return frozenset({*(topic.name for topic in model.topics), DEAD_LETTER_DECISIONS.name})


def by_code(model: ReadModel) -> dict[str, int]:
    """What a feed of this code knows."""
    topics = topics_of(model)
    return {each.event_type: each.newest_version for each in HISTORIES if of_aggregate(each.aggregate) in topics}


def tell(model: ReadModel) -> None:
    """This process, a feed, says what it knows."""
    for event_type, version in by_code(model).items():
        metrics.FEED_KNOWS_VERSION.labels(model.id, event_type).set(version)


def everybody(settings: Settings, *, ask: bool) -> tuple[Consumer, ...]:
    """Every consumer of the pipeline; without `ask` as the code has it."""
    return tuple(_consumer(model, (_said(model, settings) or None) if ask else None) for model in READ_MODELS)


def _consumer(model: ReadModel, said: Mapping[str, int] | None) -> Consumer:
    return Consumer(
        name=model.name,
        topics=topics_of(model),
        versions=by_code(model) if said is None else said,
        source="code" if said is None else "feed",
    )


def _said(model: ReadModel, settings: Settings) -> dict[str, int]:
    """Nothing when it is down, or of a time when feeds did not say it."""
    process = next(process for process in all_processes() if process.read_model == model.name)
    found: dict[str, int] = {}
    for page in (one.page for one in process_health.instances(process, settings) if one.page is not None):
        for (name, labels), version in page.samples.items():
            if name == METRIC:  # of several instances the oldest counts
                event_type = dict(labels)["event_type"]
                found[event_type] = min(int(version), found.get(event_type, int(version)))
    return found
