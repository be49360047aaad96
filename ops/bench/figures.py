"""Prints each figure of a benchmark beside its baseline, as a table or as one JSON document."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import click


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio`: ours by the baseline's."""

    ours: float
    baseline: float
    ratio: float
    unit: str

    @classmethod
    def of(cls, ours: float, baseline: float, unit: str) -> "Figure":
        return cls(round(ours, 2), round(baseline, 2), round(ours / baseline, 3) if baseline else 0.0, unit)


def show(figures: Mapping[str, Figure], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({name: asdict(figure) for name, figure in figures.items()}))
        return
    width = max(map(len, figures), default=0)
    click.echo(f"{'':<{width}} {'ours':>14} {'baseline':>14} {'ratio':>8}")
    for name, figure in figures.items():
        numbers = f"{figure.ours:>14,.2f} {figure.baseline:>14,.2f} {figure.ratio:>8.2f}"
        click.echo(f"{name:<{width}} {numbers}  {figure.unit}")


def tell(progress: str) -> None:
    click.echo(progress, err=True)
