"""Compares the read model with the source: every week and department of every store, units and cents."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from ops.demo.grocer_source import TIMEZONE, WeeklyFigure
from ops.demo.shop_client import Shop

Place = tuple[str, date, str]
G = TypeVar("G", str, date)


@dataclass(frozen=True, slots=True)
class Figures:
    units: int
    revenue_minor: int


@dataclass(frozen=True, slots=True)
class FigureDifference:
    """None stands for a cell that one side does not have."""

    shop: str
    week: date
    department: str
    source: Figures | None
    read_model: Figures | None


@dataclass(frozen=True, slots=True)
class Both(Generic[G]):
    """The two sides of one department or one week."""

    name: G
    source: Figures
    read_model: Figures


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides, by shop, week and department."""

    source: dict[Place, Figures]
    read_model: dict[Place, Figures]

    def differences(self) -> list[FigureDifference]:
        places = sorted(self.source.keys() | self.read_model.keys())
        return [
            FigureDifference(*place, self.source.get(place), self.read_model.get(place))
            for place in places
            if self.source.get(place) != self.read_model.get(place)
        ]

    def by_department(self) -> "list[Both[str]]":
        """Over all shops and weeks, the largest first."""
        return _summed(self, lambda place: place[2])

    def by_week(self) -> "list[Both[date]]":
        """Over all shops and departments, the largest first."""
        return _summed(self, lambda place: place[1])

    @property
    def source_minor(self) -> int:
        return sum(figures.revenue_minor for figures in self.source.values())

    @property
    def read_model_minor(self) -> int:
        return sum(figures.revenue_minor for figures in self.read_model.values())


def compare(sides: Iterable[tuple[Shop, list[WeeklyFigure]]]) -> Comparison:
    source: dict[Place, Figures] = {}
    read_model: dict[Place, Figures] = {}
    for shop, cells in sides:
        for cell in cells:
            source[shop.slug, cell.week, cell.department] = Figures(cell.units, cell.revenue_minor)
        sales = shop.get("/v1/analytics/sales", by="week", split="department", timezone=TIMEZONE)
        for row in sales["rows"]:
            place = (shop.slug, date.fromisoformat(row["period"]), row["category"])
            read_model[place] = Figures(row["units"], row["revenue_minor"])
    return Comparison(source, read_model)


def _summed(comparison: Comparison, group: Callable[[Place], G]) -> list[Both[G]]:
    source, read_model = (_grouped(side, group) for side in (comparison.source, comparison.read_model))
    nothing = Figures(0, 0)
    both = (
        Both(name, source.get(name, nothing), read_model.get(name, nothing))
        for name in source.keys() | read_model.keys()
    )
    return sorted(both, key=lambda each: -each.source.revenue_minor)


def _grouped(side: dict[Place, Figures], group: Callable[[Place], G]) -> dict[G, Figures]:
    summed: dict[G, Figures] = {}
    for place, figures in side.items():
        so_far = summed.get(group(place), Figures(0, 0))
        summed[group(place)] = Figures(so_far.units + figures.units, so_far.revenue_minor + figures.revenue_minor)
    return summed
