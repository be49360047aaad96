"""Reads and writes products: a product is read in one query and written in a few, however many there are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain import state_events
from api.domain.changes import Decision, Versioned
from api.domain.products import with_ancestors
from api.store import (
    column_arrays,
    decided_versions,
    import_fingerprints,
    narrow_rows,
    old_handles,
    product_facts,
    product_parts,
    product_prices,
    wanted_skus,
)
from api.store.aggregate_table import AggregateTable
from api.store.import_fingerprints import Imported
from api.store.list_pages import NEWEST, OLDEST, ListTable, PageWanted, SortedBy
from schemas.article_codes import code_key
from schemas.events.product import (
    AGGREGATE,
    Image,
    Price,
    Product,
    ProductDeleted,
    ProductText,
    ProductUpdated,
    Variant,
)
from schemas.product_words import distinct_words
from schemas.row_conditions import EVERY_ROW, RowCondition

#: Of a variant `v`: its own prices, for `read_prices`.
PRICES: Final = """(
    SELECT jsonb_agg(jsonb_build_array(r.currency, r.amount_minor, r.compare_at_minor) ORDER BY r.position)
    FROM prices r WHERE r.tenant_id = v.tenant_id AND r.variant_id = v.id
)"""
SELECT: Final = f"""
    SELECT p.id, p.version, p.external_id, p.status, p.brand, p.options, p.images, p.tags, p.attributes,
        p.option_texts, p.typed_attributes, p.related_ids, p.created_at, p.updated_at, (
            SELECT jsonb_agg(
                jsonb_build_array(
                    t.locale, t.title, t.handle, t.subtitle, t.description, t.seo_title, t.seo_description
                ) ORDER BY t.position
            )
            FROM product_translations t WHERE t.tenant_id = p.tenant_id AND t.product_id = p.id
        ), (
            SELECT jsonb_agg(jsonb_build_array(
                v.id, v.sku, v.barcode, v.option_values, {PRICES},
                v.weight_g, v.length_mm, v.width_mm, v.height_mm, v.image_url, v.unit
            ) ORDER BY v.position)
            FROM variants v WHERE v.tenant_id = p.tenant_id AND v.product_id = p.id
        ), (
            SELECT jsonb_agg(c.path ORDER BY pc.position)
            FROM product_categories pc JOIN categories c ON c.tenant_id = pc.tenant_id AND c.id = pc.category_id
            WHERE pc.tenant_id = p.tenant_id AND pc.product_id = p.id
        )
    FROM products p WHERE p.tenant_id = %(tenant)s
"""  # noqa: S608  # constants of this module

_UPDATED: Final = SortedBy[Versioned[Product]]("p.updated_at", datetime, lambda held: held.value.updated_at)
LIST: Final = ListTable[Versioned[Product]](
    name="products",
    id="p.id",
    id_of=lambda held: held.value.id,
    filters={
        "status": "p.status = ANY (%(status)s::text[])",
        "brand": "p.brand = ANY (%(brand)s::text[])",
        "category": """EXISTS (
            SELECT FROM product_categories pc JOIN categories c ON c.tenant_id = pc.tenant_id AND c.id = pc.category_id
            WHERE pc.tenant_id = p.tenant_id AND pc.product_id = p.id AND c.path @> ARRAY[%(category)s::uuid]
        )""",
        "tag": """EXISTS (
            SELECT FROM product_tags t
            WHERE t.tenant_id = p.tenant_id AND t.product_id = p.id AND t.tag = ANY (%(tag)s::text[])
        )""",
        "created_since": "p.created_at >= %(created_since)s::timestamptz",
        "updated_since": "p.updated_at >= %(updated_since)s::timestamptz",
    },
    sorts={"oldest": OLDEST, "newest": NEWEST, "updated_asc": _UPDATED, "updated_desc": _UPDATED.turned()},
)


class ProductRows:
    """Only what is `reached` is there."""

    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID, reached: RowCondition = EVERY_ROW) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._reached, self._values = narrow_rows.where(reached, narrow_rows.of_table("p", product_prices.COLUMNS))

    def get(self, product_id: UUID) -> Versioned[Product] | None:
        return self.load([product_id]).get(product_id)

    def load(self, ids: Collection[UUID]) -> dict[UUID, Versioned[Product]]:
        found = self._connection.execute(
            SELECT + self._reached + "AND p.id = ANY (%(ids)s::uuid[])",
            {"tenant": self._tenant_id, **self._values, "ids": column_arrays.ids(ids)},
        )
        return {row[0]: _versioned(row) for row in found}

    def hold(self, ids: Collection[UUID]) -> dict[UUID, Versioned[Product]]:
        """Nobody else changes them before the transaction is over; held in order of their ids."""
        self._connection.execute(
            "SELECT FROM products WHERE tenant_id = %s AND id = ANY (%s::uuid[]) ORDER BY id FOR NO KEY UPDATE",
            (self._tenant_id, column_arrays.ids(ids)),
        )
        return self.load(ids)

    def page(self, wanted: PageWanted) -> list[Versioned[Product]]:
        text, values = LIST.page(wanted)
        found = self._connection.execute(
            SELECT + self._reached + text, {"tenant": self._tenant_id, **self._values, **values}
        )
        return [_versioned(row) for row in found]

    def of_variants(self, variant_ids: Collection[UUID]) -> list[Versioned[Product]]:
        """Those that have one of these variants."""
        named = "SELECT product_id FROM variants WHERE tenant_id = %(tenant)s AND id = ANY (%(variants)s::uuid[])"
        found = self._connection.execute(
            SELECT + self._reached + f"AND p.id IN ({named})",
            {"tenant": self._tenant_id, **self._values, "variants": column_arrays.ids(variant_ids)},
        )
        return [_versioned(row) for row in found]

    def by_handle(self, handle: str, locales: Sequence[str]) -> Versioned[Product] | None:
        """The product that has it in the first of these locales, or else in another."""
        return self._first_by_handle(old_handles.PRODUCTS.texts, handle, locales)

    def by_old_handle(self, handle: str, locales: Sequence[str]) -> Versioned[Product] | None:
        """The product that had it, and nobody else took it since."""
        return self._first_by_handle(old_handles.PRODUCTS.old, handle, locales)

    def by_sku(self, sku: str) -> Versioned[Product] | None:
        """In any case."""
        named = "SELECT product_id FROM variants WHERE tenant_id = %(tenant)s AND sku_key = code_key(%(sku)s)"
        return self._named(named, {"sku": sku})

    def _first_by_handle(self, among: str, handle: str, locales: Sequence[str]) -> Versioned[Product] | None:
        named = old_handles.first_named(old_handles.PRODUCTS, among, "p", self._reached)
        return self._named(named, {"handle": handle, "locales": column_arrays.texts(locales)})

    def _named(self, query: str, values: Mapping[str, str]) -> Versioned[Product] | None:
        """The product whose id a query gives."""
        found = self._connection.execute(
            SELECT + self._reached + f"AND p.id = ({query})",
            {"tenant": self._tenant_id, **self._values, **values},
        ).fetchone()
        return None if found is None else _versioned(found)

    def there(self, ids: Collection[UUID]) -> set[UUID]:
        """Those of them that are products."""
        return {id_ for id_, _ in self._named_in(ids)}

    def names(self, ids: Collection[UUID]) -> dict[UUID, str]:
        """What an import calls them: by their external ids, or by their own."""
        return {id_: external_id or str(id_) for id_, external_id in self._named_in(ids)} if ids else {}

    def _named_in(self, ids: Collection[UUID]) -> list[tuple[UUID, str | None]]:
        return self._connection.execute(
            f"SELECT p.id, p.external_id FROM products p WHERE p.tenant_id = %(tenant)s {self._reached}"  # noqa: S608
            " AND p.id = ANY (%(ids)s::uuid[])",
            {"tenant": self._tenant_id, **self._values, "ids": column_arrays.ids(ids)},
        ).fetchall()

    def imported(self, external_ids: Iterable[str]) -> dict[str, Imported]:
        return import_fingerprints.find(
            self._connection, "products p", self._tenant_id, external_ids, self._reached, self._values
        )

    def taken_skus(self, skus: Iterable[str]) -> dict[str, UUID]:
        """Key of a SKU → the product that has it."""
        found = self._connection.execute(
            f"{wanted_skus.WANTED} SELECT asked, product_id FROM v",  # noqa: S608  # constants
            {"tenant": self._tenant_id, "skus": column_arrays.texts(skus)},
        )
        return {code_key(sku): product_id for sku, product_id in found}

    def taken_handles(self, handles: Collection[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
        """(locale, handle) → the product that has it."""
        return old_handles.taken(self._connection, self._tenant_id, old_handles.PRODUCTS, handles)

    def write(self, changes: Sequence[Decision[Product]]) -> None:
        gone = [change for change in changes if isinstance(change.happened[-1].event, ProductDeleted)]
        new = [change for change in changes if change.was_at == 0]
        old = (
            [change for change in changes if change.was_at > 0 and change not in gone]
            if len(new) < len(changes)
            else []
        )
        decided_versions.delete(self._connection, "products", self._tenant_id, gone)
        self._insert(new)
        self._update(old)
        rewritten = [change for change in old if any(isinstance(one.event, ProductUpdated) for one in change.happened)]
        old_handles.keep(
            self._connection, self._tenant_id, old_handles.PRODUCTS, [change.value for change in rewritten]
        )
        product_parts.delete(self._connection, self._tenant_id, [change.value for change in rewritten])
        written = [change.value for change in (*new, *rewritten)]
        product_parts.insert(self._connection, self._tenant_id, written)
        old_handles.free(self._connection, self._tenant_id, old_handles.PRODUCTS, written)

    def _insert(self, changes: Sequence[Decision[Product]]) -> None:
        if not changes:
            return
        self._connection.execute(
            f"""
            INSERT INTO products (
                tenant_id, id, version, status, brand, options, images, tags, attributes, updated_at,
                option_texts, typed_attributes, related_ids, import_fingerprint, external_id, created_at
            )
            SELECT %s, id, version, status, brand, options::text[], images, tags::text[], attributes, updated_at,
                option_texts, typed_attributes, related_ids::uuid[], fingerprint, external_id, created_at
            FROM unnest({_GIVEN_TYPES}, %s::text[], %s::timestamptz[])
                AS given ({_GIVEN_NAMES}, external_id, created_at)
            """,  # noqa: S608  # constants of this module
            (
                self._tenant_id,
                *_given(changes),
                column_arrays.texts(change.value.external_id for change in changes),
                column_arrays.moments(change.value.created_at for change in changes),
            ),
        )

    def _update(self, changes: Sequence[Decision[Product]]) -> None:
        if not changes:
            return
        updated = self._connection.execute(
            f"""
            UPDATE products p
            SET version = given.version, status = given.status, brand = given.brand,
                options = given.options::text[], images = given.images, tags = given.tags::text[],
                attributes = given.attributes, option_texts = given.option_texts,
                typed_attributes = given.typed_attributes, related_ids = given.related_ids::uuid[],
                updated_at = given.updated_at, import_fingerprint = given.fingerprint
            FROM unnest({_GIVEN_TYPES}, %s::bigint[]) AS given ({_GIVEN_NAMES}, was_at)
            WHERE p.tenant_id = %s AND p.id = given.id AND p.version = given.was_at
            """,  # noqa: S608  # constants of this module
            (*_given(changes), column_arrays.numbers(change.was_at for change in changes), self._tenant_id),
        )
        decided_versions.require_all(updated, changes)


_GIVEN_NAMES = (
    "id, version, status, brand, options, images, tags, attributes, option_texts, typed_attributes, related_ids,"
    " updated_at, fingerprint"
)
_GIVEN_TYPES = (
    "%s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::text[], %s::jsonb[],"
    " %s::jsonb[], %s::jsonb[], %s::text[],"
    " %s::timestamptz[], %s::bytea[]"
)


TABLE: Final = AggregateTable(
    aggregate=AGGREGATE,
    load=lambda connection, tenant_id, ids: ProductRows(connection, tenant_id).load(ids),
    state=state_events.product,
)


def _given(changes: Sequence[Decision[Product]]) -> list[str]:
    values = [change.value for change in changes]
    return [
        column_arrays.ids(value.id for value in values),
        column_arrays.numbers(change.version for change in changes),
        column_arrays.texts(value.status for value in values),
        column_arrays.texts(value.brand for value in values),
        column_arrays.lists(value.options for value in values),
        column_arrays.documents([[image.url, image.alt] for image in value.images] for value in values),
        column_arrays.lists(value.tags for value in values),
        column_arrays.documents(dict(value.attributes) for value in values),
        column_arrays.documents(map(product_facts.option_rows, (value.option_texts for value in values))),
        column_arrays.documents(map(product_facts.typed_row, (value.typed_attributes for value in values))),
        column_arrays.lists([id_.hex for id_ in value.related_ids] for value in values),
        column_arrays.moments(value.updated_at for value in values),
        column_arrays.blobs(change.fingerprint for change in changes),
    ]


def _versioned(row: Sequence[Any]) -> Versioned[Product]:
    product_id, version, external_id, status, brand, options, images, tags, attributes, *more = row
    option_texts, typed, related_ids, made, updated, *parts = more
    texts, variants, hex_paths = parts
    paths = [tuple(map(UUID, path)) for path in hex_paths or ()]
    product = Product(
        id=product_id,
        external_id=external_id,
        status=status,
        brand=brand,
        translations=tuple(
            ProductText(
                locale=locale,
                title=title,
                handle=handle,
                subtitle=subtitle,
                description=description,
                seo_title=seo_title,
                seo_description=seo_description,
            )
            for locale, title, handle, subtitle, description, seo_title, seo_description in texts
        ),
        category_ids=tuple(path[-1] for path in paths),
        category_path_ids=with_ancestors(paths),
        options=tuple(options),
        variants=tuple(map(_variant, variants)),
        images=tuple(Image(url=url, alt=alt) for url, alt in images),
        tags=distinct_words(tags),  # those that are older than the rule, too, as an event that is older
        attributes=attributes,
        option_texts=product_facts.read_options(option_texts, options),
        typed_attributes=product_facts.read_typed(attributes, typed),
        related_ids=tuple(related_ids),
        created_at=made,
        updated_at=updated,
    )
    return Versioned(product, version)


def _variant(parts: Sequence[Any]) -> Variant:
    variant_id, sku, barcode, option_values, prices, *more = parts
    weight_g, length_mm, width_mm, height_mm, image_url, unit = more
    return Variant(
        id=UUID(variant_id),
        sku=sku,
        barcode=barcode,
        option_values=option_values,
        prices=read_prices(prices),
        weight_g=weight_g,
        length_mm=length_mm,
        width_mm=width_mm,
        height_mm=height_mm,
        image_url=image_url,
        unit=unit,
    )


def read_prices(rows: Sequence[Sequence[Any]] | None) -> tuple[Price, ...]:
    return tuple(
        Price(currency=currency, amount_minor=amount, compare_at_minor=compare_at)
        for currency, amount, compare_at in rows or ()
    )
