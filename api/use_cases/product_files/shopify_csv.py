"""Reads Shopify's product CSV, in the columns of its export and in those it names differently since 2024.

The rows of a product share its handle. The first holds its texts; every row may add a variant, an image or both.
"""

from collections.abc import Sequence
from typing import Any, Final

from api.use_cases.product_files.csv_rows import CsvFile, CsvRow
from api.use_cases.product_files.foreign_products import ForeignProduct, Note, distinct, made_sku, named, path_of, seo
from api.use_cases.product_files.html_text import html_text
from api.use_cases.product_files.written_measures import GRAMS
from schemas.article_codes import code_key

NEEDED: Final = (("handle", "url handle"), ("title",))
_HANDLE: Final = NEEDED[0]
_STATUSES: Final = {"active": "active", "draft": "draft", "archived": "archived"}
_NO: Final = frozenset({"false", "0", "no"})
#: What is read; every other column is named in the answer as left out.
COLUMNS: Final = frozenset(
    {
        *_HANDLE,
        *("title", "body (html)", "description", "vendor", "product category", "type", "tags", "status"),
        *("published", "published on online store", "variant sku", "sku", "variant barcode", "barcode"),
        *("variant price", "price", "variant compare at price", "compare-at price"),
        *("image src", "product image url", "image alt text", "image position"),
        *(
            "variant grams",
            "weight value (grams)",
            "variant image",
            "variant image url",
            "seo title",
            "seo description",
        ),
        *(f"option{number} {what}" for number in (1, 2, 3) for what in ("name", "value")),
    }
)


def is_shopify(file: CsvFile) -> bool:
    columns = {name.lower() for name in file.columns}
    return all(columns.intersection(names) for names in NEEDED)


def read_shopify(file: CsvFile, currency: str, locale: str) -> list[ForeignProduct]:
    """In the order in which they begin. A row without a handle belongs to none, and is refused by itself."""
    rows: dict[str, list[CsvRow]] = {}
    lost = []
    for row in file.rows:
        handle = row.get(*_HANDLE)
        if handle:
            rows.setdefault(handle, []).append(row)
        else:
            lost.append(ForeignProduct("", [row.line], refused=Note(row.line, "The row has no handle.")))
    return [*(_product(handle, of_it, currency, locale) for handle, of_it in rows.items()), *lost]


def _product(handle: str, rows: Sequence[CsvRow], currency: str, locale: str) -> ForeignProduct:
    product = ForeignProduct(named("shopify", handle), [row.line for row in rows])
    first = next((row for row in rows if row.get("title")), rows[0])
    if not first.get("title"):
        product.refuse(first.line, "No row of this handle has a title.")
    options = [name for number in (1, 2, 3) if (name := first.get(f"option{number} name"))]
    if len({name.lower() for name in options}) != len(options):
        product.refuse(first.line, "Two options have the same name.")
    variants = _variants(product, handle, rows, options, currency)
    if not variants:
        product.refuse(first.line, "No row of this handle has a price or a SKU.")
    told = {name for variant in variants for name in variant["option_values"]}
    text = {"locale": locale, "title": first.get("title"), "handle": handle}
    if described := html_text(first.get("body (html)", "description")):
        text["description"] = described
    text |= seo(first.get("seo title"), first.get("seo description"))
    product.body = {
        "external_id": product.external_id,
        "status": _status(first),
        "brand": first.get("vendor") or None,
        "translations": [text],
        "options": [name for name in options if name in told],
        "variants": variants,
        "images": _images(rows),
        "tags": distinct(first.get("tags").split(",")),
        "attributes": {"type": first.get("type")} if first.get("type") else {},
    }
    if path := path_of(first.get("product category")):
        product.paths.append(path)
    return product


def _status(first: CsvRow) -> str:
    """What is not published in the online store is a draft here."""
    status = _STATUSES.get(first.get("status").lower(), "active")
    hidden = first.get("published", "published on online store").lower() in _NO
    return "draft" if status == "active" and hidden else status


def _variants(
    product: ForeignProduct, handle: str, rows: Sequence[CsvRow], options: Sequence[str], currency: str
) -> list[dict[str, Any]]:
    made = []
    taken = {code_key(sku) for row in rows if (sku := row.get("variant sku", "sku"))}
    for row in rows:
        price, sku = row.get("variant price", "price"), row.get("variant sku", "sku")
        values = {name: row.get(f"option{number} value") for number, name in enumerate(options, 1)}
        if not (price or sku):
            if any(values.values()) and len(rows) > 1 and row is not rows[0]:
                product.notes.append(Note(row.line, "It names option values, but neither price nor SKU: left out."))
            continue
        if options == ["Title"] and values["Title"] == "Default Title":
            values = {}
        values = {name: value for name, value in values.items() if value}
        if not sku:
            sku = made_sku(handle, list(values.values()), taken)
            product.notes.append(Note(row.line, f"It has no SKU and is called {sku}."))
        made.append(
            {
                "sku": sku,
                "barcode": row.get("variant barcode", "barcode").lstrip("'") or None,
                "option_values": values,
                "prices": product.price(
                    row.line, currency, price, row.get("variant compare at price", "compare-at price")
                ),
                **product.measure(row.line, "weight_g", row.get("variant grams", "weight value (grams)"), GRAMS["g"]),
                **({"image_url": url} if (url := row.get("variant image", "variant image url")) else {}),
            }
        )
    return made


def _images(rows: Sequence[CsvRow]) -> list[dict[str, Any]]:
    """In the order of their positions, each once."""
    found: dict[str, tuple[int, int, str]] = {}
    for at, row in enumerate(rows):
        url, position = row.get("image src", "product image url"), row.get("image position")
        if url and url not in found:
            place = int(position) if position.isascii() and position.isdigit() else at + 1
            found[url] = (place, at, row.get("image alt text"))
    return [{"url": url, "alt": found[url][2] or None} for url in sorted(found, key=lambda url: found[url][:2])]
