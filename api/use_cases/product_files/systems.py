"""Lists the systems whose product files are read, and tells a file of one from a file of another by its columns."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from api.domain.errors import Invalid
from api.use_cases.product_files import shopify_csv, woocommerce_csv
from api.use_cases.product_files.csv_rows import CsvFile
from api.use_cases.product_files.foreign_products import ForeignProduct


@dataclass(frozen=True, slots=True)
class System:
    """`columns`, in small letters, are those that `read` makes something of."""

    name: str
    columns: Collection[str]
    wrote: Callable[[CsvFile], bool]
    read: Callable[[CsvFile, str, str], list[ForeignProduct]]


SYSTEMS: Final = (
    System("shopify", shopify_csv.COLUMNS, shopify_csv.is_shopify, shopify_csv.read_shopify),
    System("woocommerce", woocommerce_csv.COLUMNS, woocommerce_csv.is_woocommerce, woocommerce_csv.read_woocommerce),
)


def system_of(file: CsvFile) -> System:
    """Raises `Invalid` for columns that none of them writes."""
    found = next((system for system in SYSTEMS if system.wrote(file)), None)
    if found is None:
        raise Invalid.field(
            "file",
            "unknown_columns",
            "These are neither Shopify's columns (Handle or URL handle, Title, …) nor WooCommerce's (Type, Name, "
            f"Regular price, …). The file has: {', '.join(file.columns)[:500]}.",
        )
    return found
