"""Lists what is expected of each read model that is checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sinks.analytics import event_archive, sales_facts, search_facts
from sinks.builds import Build
from sinks.quality import additive_metrics, history_expectations, table_expectations, usual_expectations
from sinks.quality.expectation import Expectation
from sinks.quality.sales_expectations import SALES
from sinks.quality.search_expectations import SEARCHES
from sinks.read_model import ReadModel
from sinks.stores import InDuckDB


@dataclass(frozen=True, slots=True)
class Suite:
    """`counted`: the table whose rows of a day are compared with what is usual, and its moment; None: no day is."""

    model: ReadModel
    rules: Sequence[Expectation]
    counted: tuple[str, str] | None = None

    def expectations(self, as_of: datetime | None, now: datetime, *, is_newest: bool) -> list[Expectation]:
        """`as_of`: of the snapshot. One that was kept need not be fresh."""
        store = self.model.store
        found = [*(table_expectations.of_facts(store.shape) if isinstance(store, InDuckDB) else ()), *self.rules]
        if is_newest:
            found.append(usual_expectations.is_fresh(as_of, now))
        if as_of is not None and self.counted is not None:
            found.append(usual_expectations.days_are_as_usual(*self.counted, as_of.astimezone(UTC)))
        return found


SUITES: Final = (
    Suite(sales_facts.MODEL, (*SALES, *additive_metrics.of_metrics()), ("orders", "placed_at")),
    Suite(search_facts.MODEL, SEARCHES, ("recorded_searches", "asked_at")),
    Suite(event_archive.MODEL, history_expectations.of_histories()),
)


def suite_of(model: str) -> Suite | None:
    """Of the model of this name, or of which this is a build of this code's version, as `sales-v5` or `sales-v5-b2`."""
    return next((suite for suite in SUITES if model == suite.model.name or _is_build(suite.model, model)), None)


def _is_build(model: ReadModel, name: str) -> bool:
    build = Build.at_the_end_of(name)
    return build is not None and name == f"{model.name}-{build}" and build.version == model.version
