"""Takes in another system's file: first its categories, as far as they are missing, then the products."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter

from api.domain.errors import Forbidden, Invalid
from api.domain.money import checked_currency
from api.domain.scope import Access
from api.store.unit_of_work import UnitOfWork
from api.use_cases.categories.commands import ImportedCategory
from api.use_cases.categories.import_categories import import_categories
from api.use_cases.fields import Currency, Input, Locale
from api.use_cases.imports.item_results import ItemResult
from api.use_cases.imports.items import MOST_ITEMS, Item
from api.use_cases.product_files.csv_rows import read_csv
from api.use_cases.product_files.foreign_products import ForeignProduct, named
from api.use_cases.product_files.systems import System, system_of
from api.use_cases.products.commands import ImportedProduct
from api.use_cases.products.import_products import import_products

T = TypeVar("T")
#: Runs an import as a unit of work of its own.
Run = Callable[[str, Callable[[UnitOfWork], Sequence[ItemResult]]], Sequence[ItemResult]]
_PRODUCTS: Final = TypeAdapter(list[Item[ImportedProduct]])
_CATEGORIES: Final = TypeAdapter(list[Item[ImportedCategory]])


class FileRead(Input):
    """What the file itself does not say."""

    currency: Currency | None = None
    locale: Locale | None = None


@dataclass(frozen=True, slots=True)
class FileTaken:
    """`products` are in the order of the file, with what became of each: `ItemResult`s of refused ones have no id."""

    system: System
    columns_left_out: tuple[str, ...]
    categories_created: int
    products: tuple[tuple[ForeignProduct, ItemResult], ...]


def import_products_csv(run: Run, access: Access, content: bytes, how: FileRead) -> FileTaken:
    """Each 500 products are there as a whole or not at all; the same file again changes nothing.

    Raises `Invalid` for a file that cannot be read as a whole, `Forbidden` when it needs categories that are missing
    and that this actor may not import.
    """
    file = read_csv(content)
    system = system_of(file)
    currency = checked_currency(how.currency or access.shop.currency, "currency")
    locale = how.locale or access.shop.default_locale
    products = system.read(file, currency, locale)
    created = _make_categories(run, access, system, products, locale)
    whole = [product for product in products if product.refused is None]
    results: dict[int, ItemResult] = {}
    for some in _batches(whole):
        items = _PRODUCTS.validate_python([_body(system, product) for product in some])
        for product, result in zip(some, run("product", partial(import_products, items=items)), strict=True):
            results[id(product)] = result
    return FileTaken(
        system=system,
        columns_left_out=tuple(name for name in file.columns if name.lower() not in system.columns),
        categories_created=created,
        products=tuple((product, results.get(id(product)) or _refused(product)) for product in products),
    )


def _batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[at : at + MOST_ITEMS] for at in range(0, len(values), MOST_ITEMS))


def _body(system: System, product: ForeignProduct) -> dict[str, Any]:
    return {**product.body, "categories": list(dict.fromkeys(_category(system, path) for path in product.paths))}


def _category(system: System, path: Sequence[str]) -> str:
    return named(system.name, " > ".join(path))


def _refused(product: ForeignProduct) -> ItemResult:
    why = "It cannot be read." if product.refused is None else product.refused.text
    line = product.lines[0] if product.refused is None else product.refused.line
    return ItemResult(product.external_id or None, "refused", why=Invalid.field(f"lines.{line}", "unreadable", why))


def _make_categories(run: Run, access: Access, system: System, products: Iterable[ForeignProduct], locale: str) -> int:
    """How many were made. One that is there stays as the shop has it, whatever it is called by now."""
    wanted = {path[:depth]: None for one in products for path in one.paths for depth in range(1, len(path) + 1)}
    if not wanted:
        return 0
    created = 0
    for some in _batches(sorted(wanted, key=len)):
        results = run("category", partial(_missing, access=access, system=system, paths=some, locale=locale))
        created += sum(result.result == "created" for result in results)
    return created


def _missing(
    work: UnitOfWork, access: Access, system: System, paths: Sequence[tuple[str, ...]], locale: str
) -> Sequence[ItemResult]:
    there = work.categories.paths_by_external_id(_category(system, path) for path in paths)
    bodies = [
        {
            "external_id": name,
            "parent": _category(system, path[:-1]) if path[:-1] else None,
            "translations": [{"locale": locale, "name": path[-1]}],
        }
        for path in paths
        if (name := _category(system, path)) not in there
    ]
    if not bodies:
        return ()
    if not access.actor.reaches_all("categories:import"):
        raise Forbidden(
            f"The file needs {len(bodies)} categories that are missing; to make them takes categories:import."
        )
    return import_categories(work, _CATEGORIES.validate_python(bodies))
