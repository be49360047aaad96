"""Does the read model say what the source says? Every week and department of every store, units and cents."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ops.demo.grocer import TIMEZONE, Cell
from ops.demo.shop import Shop

Place = tuple[str, date, str]


@dataclass(frozen=True, slots=True)
class Figures:
    units: int
    revenue_minor: int


@dataclass(frozen=True, slots=True)
class Difference:
    """None stands for a cell that one side does not have."""

    shop: str
    week: date
    department: str
    source: Figures | None
    read_model: Figures | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides, by shop, week and department."""

    source: dict[Place, Figures]
    read_model: dict[Place, Figures]

    def differences(self) -> list[Difference]:
        places = sorted(self.source.keys() | self.read_model.keys())
        return [
            Difference(*place, self.source.get(place), self.read_model.get(place))
            for place in places
            if self.source.get(place) != self.read_model.get(place)
        ]

    def department_weeks(self, most: int) -> list[tuple[str, date, Figures | None, Figures | None]]:
        """The largest cells over all shops, for people to look at."""
        source, read_model = _over_shops(self.source), _over_shops(self.read_model)
        largest = sorted(source, key=lambda place: -source[place].revenue_minor)[:most]
        return [
            (department, week, source[week, department], read_model.get((week, department)))
            for week, department in largest
        ]

    @property
    def source_minor(self) -> int:
        return sum(figures.revenue_minor for figures in self.source.values())

    @property
    def read_model_minor(self) -> int:
        return sum(figures.revenue_minor for figures in self.read_model.values())


def compare(sides: Iterable[tuple[Shop, list[Cell]]]) -> Comparison:
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


def _over_shops(side: dict[Place, Figures]) -> dict[tuple[date, str], Figures]:
    summed: dict[tuple[date, str], Figures] = {}
    for (_, week, department), figures in side.items():
        so_far = summed.get((week, department), Figures(0, 0))
        summed[week, department] = Figures(so_far.units + figures.units, so_far.revenue_minor + figures.revenue_minor)
    return summed
