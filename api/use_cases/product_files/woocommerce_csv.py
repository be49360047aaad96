"""Reads WooCommerce's product CSV, as its export writes it.

A simple product is a row. A variable one is a row with its texts and a row for each variation, which names its parent
by SKU or as `id:44`. Numbers may be written as in the shop's country.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from api.domain.product_limits import MOST_LISTED
from api.use_cases.product_files.csv_rows import CsvFile, CsvRow
from api.use_cases.product_files.foreign_products import ForeignProduct, Note, distinct, made_sku, named, path_of, seo
from api.use_cases.product_files.html_text import html_text
from api.use_cases.product_files.written_measures import GRAMS, MILLIMETRES
from schemas.article_codes import code_key

NEEDED: Final = ("type", "name", "regular price")
_NAMES: Final = 300
_MOST_ATTRIBUTES: Final = 40
_PUBLISHED: Final = {"1": "active", "0": "draft", "-1": "draft"}
_BARCODE: Final = "gtin, upc, ean, or isbn"
#: Kinds of product that are no goods of one's own.
_NOT_SOLD: Final = {
    "grouped": "A grouped product has nothing of its own to sell; its parts are taken in.",
    "external": "An external product is sold somewhere else.",
}
#: What a plugin for search engines keeps; `%%title%%` in it is filled in there.
_SEO: Final = ("meta: _yoast_wpseo_title", "meta: _yoast_wpseo_metadesc")
_TO_FILL: Final = "%%"
#: Measure of a variant → the columns it may be in, each with its unit: `weight (kg)`.
_MEASURES: Final[Mapping[str, Mapping[str, Decimal]]] = {
    name: {f"{name.partition('_')[0]} ({unit})": size for unit, size in units.items()}
    for name, units in (
        *(("weight_g", GRAMS),),
        *((side, MILLIMETRES) for side in ("length_mm", "width_mm", "height_mm")),
    )
}
#: What is read; every other column is named in the answer as left out.
COLUMNS: Final = frozenset(
    {
        *NEEDED,
        *("id", "sku", "published", "short description", "description", "sale price", "categories", "tags", "images"),
        *("parent", "position", "brands", "date sale price starts", "date sale price ends", _BARCODE),
        *_SEO,
        *(column for columns in _MEASURES.values() for column in columns),
        *(f"attribute {number} {what}" for number in range(1, _MOST_ATTRIBUTES + 1) for what in ("name", "value(s)")),
    }
)


def is_woocommerce(file: CsvFile) -> bool:
    return {name.lower() for name in file.columns}.issuperset(NEEDED)


def read_woocommerce(file: CsvFile, currency: str, locale: str) -> list[ForeignProduct]:
    """In the order in which they begin; a variation without its parent is refused by itself."""
    parents = [row for row in file.rows if not _is(row, "variation")]
    known = {name: row.line for row in parents for name in _names(row)}
    variations: dict[int, list[CsvRow]] = {row.line: [] for row in parents}
    lost = []
    for row in file.rows:
        if _is(row, "variation"):
            parent = known.get(_plain(row.get("parent")))
            if parent is None:
                why = f"The file has no product {row.get('parent')!r}, which it is a variation of."
                lost.append(ForeignProduct("", [row.line], refused=Note(row.line, why[:_NAMES])))
            else:
                variations[parent].append(row)
    return [*(_product(row, variations[row.line], currency, locale) for row in parents), *lost]


def _is(row: CsvRow, kind: str) -> bool:
    """`simple, virtual` is a simple one."""
    return kind in (word.strip() for word in row.get("type").lower().split(","))


def _names(row: CsvRow) -> list[str]:
    """What a variation may call its parent."""
    return [name for name in (row.get("sku").lower(), f"id:{row.get('id')}" if row.get("id") else "") if name]


def _plain(parent: str) -> str:
    return parent.lower().replace("id: ", "id:")


def _product(row: CsvRow, variations: Sequence[CsvRow], currency: str, locale: str) -> ForeignProduct:
    name = row.get("id") or row.get("sku") or row.get("name")
    product = ForeignProduct(named("woocommerce", name), [row.line, *(one.line for one in variations)])
    for kind, why in _NOT_SOLD.items():
        if _is(row, kind):
            product.refuse(row.line, why)
    if not row.get("name"):
        product.refuse(row.line, "The product has no name.")
    if _is(row, "variable") and not variations:
        product.refuse(row.line, "A variable product has variations, and the file has none of them.")
    given = _attributes(row)
    ordered = sorted(variations, key=lambda one: (_position(one), one.line))
    told = {attribute.lower() for one in ordered for attribute, value in _attributes(one).items() if value}
    options = [attribute for attribute in given if attribute.lower() in told]
    text = {"locale": locale, "title": row.get("name")}
    if short := html_text(row.get("short description")):
        text["subtitle"] = " ".join(short.split())[:_NAMES]
    if described := html_text(row.get("description")):
        text["description"] = described
    text |= seo(*(_without_to_fill(product, row, column) for column in _SEO))
    product.body = {
        "external_id": product.external_id,
        "status": _PUBLISHED.get(row.get("published"), "active"),
        "brand": next(iter(distinct(row.get("brands").split(","))), None),
        "translations": [text],
        "options": options,
        "variants": _variants(product, name, row, ordered, options if ordered else [], currency),
        "images": [{"url": url} for url in _urls([row, *ordered])],
        "tags": distinct(row.get("tags").split(",")),
        "attributes": {name: _told(values) for name, values in given.items() if values and name not in options},
    }
    product.paths.extend(path for written in _listed(row.get("categories")) if (path := path_of(written)))
    return product


def _without_to_fill(product: ForeignProduct, row: CsvRow, column: str) -> str:
    text = row.get(column)
    if _TO_FILL not in text:
        return text
    product.notes.append(Note(row.line, f"{text[:_NAMES]!r} is filled in there, and is left out."))
    return ""


def _attributes(row: CsvRow) -> Mapping[str, Sequence[str]]:
    found = {}
    for number in range(1, _MOST_ATTRIBUTES + 1):
        name = row.get(f"attribute {number} name")
        if not name:
            continue
        values = _listed(row.get(f"attribute {number} value(s)"))[:MOST_LISTED]
        found[name[:_NAMES]] = [value[:_NAMES] for value in values]
    return found


def _told(values: Sequence[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)


def _value(values: Sequence[str]) -> str:
    """Of one variation."""
    return ", ".join(values)[:_NAMES]


def _listed(written: str) -> list[str]:
    r"""Parts at commas, but not at `\,`, which is a comma in a name."""
    return [part.replace("\0", ",").strip() for part in written.replace("\\,", "\0").split(",") if part.strip()]


def _position(row: CsvRow) -> int:
    position = row.get("position")
    return int(position) if position.isascii() and position.isdigit() and len(position) < 10 else 0


def _variants(
    product: ForeignProduct,
    name: str,
    parent: CsvRow,
    variations: Sequence[CsvRow],
    options: Sequence[str],
    currency: str,
) -> list[dict[str, Any]]:
    """What a variation does not say about its measures is as its parent says."""
    made = []
    rows = variations or [parent]
    taken = {code_key(sku) for row in rows if (sku := row.get("sku"))}
    for row in rows:
        own = {attribute.lower(): _value(values) for attribute, values in _attributes(row).items() if values}
        values = {option: own[option.lower()] for option in options if option.lower() in own}
        sku = row.get("sku")
        if not sku:
            sku = made_sku(f"woocommerce-{name}", list(values.values()), taken)
            product.notes.append(Note(row.line, f"It has no SKU and is called {sku}."))
        regular, sale = row.get("regular price"), row.get("sale price")
        if sale and row.get("date sale price starts", "date sale price ends"):
            product.notes.append(Note(row.line, f"The sale price {sale} has dates and is left out."))
            sale = ""
        made.append(
            {
                "sku": sku,
                "barcode": row.get(_BARCODE) or None,
                "option_values": values,
                "prices": product.price(row.line, currency, sale or regular, regular if sale else ""),
                **_measures(product, row, parent),
                **({"image_url": urls[0]} if variations and (urls := _urls([row])) else {}),
            }
        )
    return made


def _measures(product: ForeignProduct, row: CsvRow, parent: CsvRow) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, columns in _MEASURES.items():
        for column, unit in columns.items():
            if written := row.get(column) or parent.get(column):
                found |= product.measure(row.line, name, written, unit)
    return found


def _urls(rows: Sequence[CsvRow]) -> list[str]:
    """The images of the product and of its variations, each once."""
    return list(dict.fromkeys(url.strip() for row in rows for url in row.get("images").split(",") if url.strip()))
