"""Answers how a metric of the catalogue stands: by period and split, beside another time."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from pydantic import Field

from api.domain.errors import FieldError, Invalid, NotFound
from api.domain.scope import Access
from api.use_cases.fields import Currency
from api.use_cases.read_models.question import LONGEST, Asked, Revenue, Wait
from schemas.units import Measure
from sinks.analytics.metric_questions import MOST_PERIODS, MetricFound, MetricQuery, Step, TooManyRows
from sinks.analytics.metrics_catalogue import METRICS, Metric

Compared = Literal["previous", "last_year"]
#: Whole weeks, so that days of the week lie beside each other.
_A_YEAR = timedelta(weeks=52)


class MetricAsked(Asked):
    """Days are inclusive, in the shop's own time zone."""

    first_day: date | None = Field(default=None, alias="from", description="Of the shop's own days.")
    last_day: date | None = Field(default=None, alias="to", description="Included.")
    by: Step | None = Field(default=None, description="A week begins on Monday.")
    split: str | None = Field(default=None, max_length=LONGEST, description="One of the metric's splits.")
    compare: Compared | None = Field(
        default=None,
        description="Also the time before: as many days right before `from`, or 52 weeks earlier. Needs both days.",
    )
    currency: Currency | None = None
    category: str | None = Field(default=None, max_length=LONGEST, description="Only this root category, as sold.")
    brand: str | None = Field(default=None, max_length=LONGEST, description="Only this brand, as sold.")
    sku: str | None = Field(default=None, max_length=LONGEST, description="Only this SKU.")
    unit: str | None = Field(default=None, max_length=LONGEST, description="Only what is counted in this unit.")
    measure: Measure | None = Field(default=None, description="Only what is measured by this.")
    customer_kind: Literal["new", "returning", "guest"] | None = Field(
        default=None, description="Only orders of these customers."
    )


_FILTERS = ("category", "brand", "sku", "unit", "measure", "customer_kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricReport:
    """`before` is the same of the time that it is compared with."""

    metric: Metric
    first_day: date | None
    last_day: date | None
    found: MetricFound
    before_from: date | None = None
    before_to: date | None = None
    before: MetricFound | None = None


def report_metric(sales: Revenue, access: Access, name: str, asked: MetricAsked, until_visible: Wait) -> MetricReport:
    """Raises `NotFound`, `Invalid`, `Unavailable`, and as the wait does."""
    metric = METRICS.get(name)
    if metric is None:
        raise NotFound("metric", name)
    _check(metric, asked)
    until_visible()
    query = MetricQuery(
        tenant_id=access.shop.id,
        metric=metric,
        first_day=asked.first_day,
        last_day=asked.last_day,
        by=asked.by,
        split=asked.split,
        currency=asked.currency,
        only={one: value for one in _FILTERS if (value := getattr(asked, one)) is not None},
        reached=access.reached("analytics"),
    )
    try:
        found = sales.metric(query)
        report = MetricReport(metric=metric, first_day=asked.first_day, last_day=asked.last_day, found=found)
        if asked.compare is None or asked.first_day is None or asked.last_day is None:
            return report
        first, last = _before(asked.first_day, asked.last_day, asked.compare)
        before = sales.metric(replace(query, first_day=first, last_day=last, beside=found))
        if asked.by is not None and not before.kinds <= found.kinds:
            found = sales.metric(replace(query, beside=before))
        return replace(report, found=found, before_from=first, before_to=last, before=before)
    except TooManyRows as many:
        raise Invalid.field("by", "too_many_rows", str(many)) from many


def _before(first: date, last: date, compared: Compared) -> tuple[date, date]:
    back = _A_YEAR if compared == "last_year" else last - first + timedelta(days=1)
    try:
        return first - back, last - back
    except OverflowError as early:
        raise Invalid.field("from", "too_early", "There is no time so long before it.") from early


def _check(metric: Metric, asked: MetricAsked) -> None:
    splits = metric.relation.splits
    wrong = [
        FieldError(one, "not_for_this_metric", f"{metric.name} cannot be narrowed by {one}.")
        for one in _FILTERS
        if getattr(asked, one) is not None and one not in splits
    ]
    if asked.split is not None and asked.split not in splits:
        wrong.append(FieldError("split", "unknown_split", f"{metric.name} can be split by {', '.join(splits)}."))
    if asked.first_day and asked.last_day:
        if asked.last_day < asked.first_day:
            wrong.append(FieldError("to", "too_early", "The last day is before the first."))
        elif asked.by == "day" and (asked.last_day - asked.first_day).days >= MOST_PERIODS:
            wrong.append(FieldError("by", "too_many_rows", f"At most {MOST_PERIODS:,} days by day."))
    elif asked.compare is not None:
        wrong.append(FieldError("compare", "missing", "What is compared needs from and to."))
    if wrong:
        raise Invalid("The question does not fit the metric.", wrong)
