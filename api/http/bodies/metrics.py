"""Answers about metrics in JSON and CSV."""

from datetime import date
from typing import Self

from pydantic import BaseModel, Field

from api.http.bodies.fields import AnswerBody
from api.http.bodies.read_models import Fresh
from sinks.analytics.metric_questions import MetricFound
from sinks.analytics.metrics_catalogue import METRICS, Metric, Over, Unit


class MetricAnswer(BaseModel):
    name: str
    meaning: str
    unit: Unit
    by_currency: bool = Field(description="It has a row for each currency: money is never added over them.")
    by_unit: bool = Field(description="It has a row for each unit of measure: quantities are never added over them.")
    additive_over: list[Over] = Field(description="What its values may be summed over.")
    splits: list[str]
    view: str = Field(description="Where it comes from, in the published file.")
    grain: str
    day: str = Field(description="The column that says which day a row is of.")
    expression: str = Field(description="How it is worked out of the rows of the view, as SQL.")

    @classmethod
    def of(cls, metric: Metric) -> Self:
        return cls(
            name=metric.name,
            meaning=metric.meaning,
            unit=metric.unit,
            by_currency=metric.by_currency,
            by_unit=metric.by_unit,
            additive_over=sorted(metric.additive),
            splits=list(metric.relation.splits),
            view=metric.relation.view,
            grain=metric.relation.grain,
            day=metric.day,
            expression=metric.shown,
        )


class MetricsAnswer(BaseModel):
    metrics: list[MetricAnswer]

    @classmethod
    def every(cls) -> Self:
        return cls(metrics=[MetricAnswer.of(metric) for metric in METRICS.values()])


class MetricRowAnswer(AnswerBody):
    """`period` is its first day. `value` is `null` where it cannot be worked out of nothing. `unit` is that of a
    quantity.
    """

    period: date | None
    split: str | None
    currency: str | None
    unit: str | None
    value: int | float | None


class MetricTimeAnswer(AnswerBody):
    first_day: date | None
    last_day: date | None
    rows: list[MetricRowAnswer]
    totals: list[MetricRowAnswer]

    @classmethod
    def of(cls, first: date | None, last: date | None, found: MetricFound) -> Self:
        return cls(
            first_day=first,
            last_day=last,
            rows=[MetricRowAnswer.model_validate(row) for row in found.rows],
            totals=[MetricRowAnswer.model_validate(row) for row in found.totals],
        )


class MetricReportAnswer(Fresh):
    """`totals` are worked out of the whole time, not of the rows. `before` is the time that it is compared with."""

    metric: MetricAnswer
    timezone: str
    now: MetricTimeAnswer = Field(description="The time that was asked for.")
    before: MetricTimeAnswer | None
