"""Measures documents of several aggregates, beside whole documents of one, and beside names copied into products.

On scratch indices of the running OpenSearch, removed at the end. Rounds of both sides take turns, medians count.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Final
from uuid import uuid4

import click

from ops.bench.figures import Figure, show, tell
from ops.settings import Settings
from schemas.topics import ORDERS
from sinks.bench.shelf import CATEGORY_WORD, TITLE_WORD, category, products
from sinks.opensearch.opensearch_client import OpenSearchStore, index_name
from sinks.opensearch.opensearch_sink import OpenSearchSink
from sinks.read_model import Projection, ReadModel
from sinks.search import category_tree, category_words
from sinks.search.product_documents import FIELDS, MODEL
from sinks.search.product_query import ProductQuery
from sinks.search.product_request import request
from sinks.sink import DocumentChange, Part

_BATCH: Final = 500
_MILLISECONDS: Final = 1000.0
_STOCK: Final = {"stock": {"properties": {"on_hand": {"type": "long"}}}}
#: How names would be found if each product had those of its categories.
_COPIED: Final = {"category_words": {"type": "text", "analyzer": "english"}}


@click.command()
@click.option("--documents", type=click.IntRange(min=100), default=10_000, show_default=True, help="In one category.")
@click.option("--searches", type=click.IntRange(min=10), default=200, show_default=True, help="Of each kind.")
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True, help="Runs; the medians count.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def parts(documents: int, searches: int, rounds: int, as_json: bool) -> None:
    """Parts of documents beside whole documents, and a renamed category beside renamed products."""
    store = OpenSearchStore(Settings().opensearch_url)
    shelf = products(documents)
    with _scratch(store, parts=False, more=_COPIED) as whole, _scratch(store, parts=True, more=_STOCK) as divided:
        figures = (
            _writing(whole, divided, shelf, rounds)
            | _searching(store, whole, searches)
            | _renaming(whole, shelf, rounds)
        )
    store.close()
    show(figures, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Scratch:
    sink: OpenSearchSink

    def index(self, collection: str) -> str:
        return self.sink.index(collection)


def _writing(whole: _Scratch, divided: _Scratch, shelf: Sequence[DocumentChange], rounds: int) -> dict[str, Figure]:
    tell(f"writing: {len(shelf):,} products and a part of each")
    stock = [replace(one, part=Part("stock", uuid4()), document={"on_hand": 7}) for one in shelf]
    version = iter(range(1, 1_000_000))
    found: dict[str, list[float]] = {"whole": [], "own": [], "part": []}
    for _ in range(rounds):
        found["whole"].append(_per_second(whole.sink, shelf, next(version)))
        found["own"].append(_per_second(divided.sink, shelf, next(version)))
        found["part"].append(_per_second(divided.sink, stock, next(version)))
    plain, own, part = (median(found[name]) for name in ("whole", "own", "part"))
    return {
        "products_with_parts_per_s": Figure.of(own, plain, "documents/s"),
        "parts_of_products_per_s": Figure.of(part, plain, "documents/s"),
    }


def _searching(store: OpenSearchStore, whole: _Scratch, number: int) -> dict[str, Figure]:
    tell(f"searching: {number} times each")
    names = [category(f"{CATEGORY_WORD} {n}" if n else CATEGORY_WORD) for n in range(100)]
    whole.sink.write([change for _, change in names], {})
    store.refresh([whole.index("products"), whole.index("categories")])
    (tenant_id,) = {change.tenant_id for _, change in names}
    pages = store.pages(whole.index("categories"), category_tree.all_of(tenant_id), routing=str(tenant_id))
    tree = category_tree.tree_of(document for page in pages for document in page)
    query = ProductQuery(tenant_id=tenant_id, text=f"{TITLE_WORD} {CATEGORY_WORD}")

    def by_product() -> None:
        store.search(whole.index("products"), request(query), routing=str(tenant_id))

    def by_category() -> None:
        body = request(query, named=category_words.named_in(query.text, query.locales, tree))
        store.search(whole.index("products"), body, routing=str(tenant_id))

    with_names, without = _milliseconds(by_category, by_product, number)
    return {"search_with_names_of_categories_ms_p50": Figure.of(with_names, without, "ms")}


def _renaming(whole: _Scratch, shelf: Sequence[DocumentChange], rounds: int) -> dict[str, Figure]:
    """Until a search can see it: one document, or the copies in all products of the category."""
    tell(f"renaming: a category of {len(shelf):,} products")
    looked_up, copied = [], []
    for n in range(1, rounds + 1):
        _, renamed = category(f"renamed {n}")
        looked_up.append(_seconds(lambda one=renamed: _shown(whole, "categories", [one])))  # type: ignore[misc]
        again = [
            replace(one, version=10**6 + n, document={**(one.document or {}), "category_words": f"renamed {n}"})
            for one in shelf
        ]
        copied.append(_seconds(lambda all_=again: _shown(whole, "products", all_)))  # type: ignore[misc]
    return {
        "rename_until_searchable_ms": Figure.of(median(looked_up) * _MILLISECONDS, median(copied) * _MILLISECONDS, "ms")
    }


def _shown(scratch: _Scratch, collection: str, changes: Sequence[DocumentChange]) -> None:
    for part in _cut(changes):
        scratch.sink.write(part, {})
    scratch.sink.store.refresh([scratch.index(collection)])


def _per_second(sink: OpenSearchSink, changes: Sequence[DocumentChange], version: int) -> float:
    newer = [replace(one, version=version) for one in changes]
    seconds = _seconds(lambda: [sink.write(part, {}) for part in _cut(newer)])
    return len(newer) / seconds


def _milliseconds(ours: Callable[[], None], baseline: Callable[[], None], number: int) -> tuple[float, float]:
    found: Mapping[Callable[[], None], list[float]] = {ours: [], baseline: []}
    for _ in range(number):
        for one in (ours, baseline):
            found[one].append(_seconds(one) * _MILLISECONDS)
    return median(found[ours]), median(found[baseline])


def _seconds(work: Callable[[], Any]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _cut(changes: Sequence[DocumentChange]) -> Iterator[Sequence[DocumentChange]]:
    for start in range(0, len(changes), _BATCH):
        yield changes[start : start + _BATCH]


@contextmanager
def _scratch(store: OpenSearchStore, *, parts: bool, more: Mapping[str, Any]) -> Iterator[_Scratch]:
    """An empty store of the search, with these fields besides; its products may have a part of another aggregate."""
    stock = Projection(topic=ORDERS, aggregate="stock", collection="products", part="stock", fold=_never)
    model: ReadModel = replace(
        MODEL,
        version=secrets.randbelow(10**9) + 10**9,
        projections=(*MODEL.projections, stock) if parts else MODEL.projections,
    )
    fields = {**FIELDS, "products": {**FIELDS["products"], **more}}
    sink = OpenSearchSink(store, model, fields)
    sink.open()
    try:
        yield _Scratch(sink)
    finally:
        for collection in model.collections:
            store.drop_index(index_name(model, collection))


def _never(*_: object) -> DocumentChange:
    raise NotImplementedError
