"""`rustok sinks metrics`: what the analyst sees of the catalogue."""

import json
from collections.abc import Iterator
from typing import Any

import click

from sinks.analytics.metrics_catalogue import METRICS, Metric


def show(name: str | None, *, as_json: bool) -> None:
    """Of one, or of all. Raises `click.BadParameter` for one that is not there."""
    if name is not None and name not in METRICS:
        raise click.BadParameter(f"there is no metric {name}; `rustok sinks metrics` lists them")
    found = [METRICS[name]] if name is not None else list(METRICS.values())
    if as_json:
        click.echo(json.dumps([_document(metric) for metric in found], indent=2))
        return
    for metric in found:
        click.echo("\n".join(_lines(metric)))


def _lines(metric: Metric) -> Iterator[str]:
    yield f"{metric.name:<26} {metric.meaning}"
    each = ", each currency by itself" if metric.by_currency else ", each unit by itself" if metric.by_unit else ""
    yield f"    {metric.unit}{each}; {_additive(metric)}"
    yield f"    {metric.shown}"
    yield f"    of {metric.relation.view} ({metric.relation.grain}) by {metric.day}"
    yield f"    split by {', '.join(metric.relation.splits)}"


def _additive(metric: Metric) -> str:
    over = " and ".join(sorted(metric.additive, reverse=True))
    return f"may be added up over {over}" if over else "may not be added up"


def _document(metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "meaning": metric.meaning,
        "unit": metric.unit,
        "by_currency": metric.by_currency,
        "by_unit": metric.by_unit,
        "additive_over": sorted(metric.additive),
        "expression": metric.shown,
        "view": metric.relation.view,
        "grain": metric.relation.grain,
        "day": metric.day,
        "splits": list(metric.relation.splits),
    }
