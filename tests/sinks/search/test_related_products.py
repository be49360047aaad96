"""What goes with a product is said by whatever index is shown."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from schemas.events.product import ProductPublished
from sinks.search.category_tree import NO_TREE
from sinks.search.merchandising import NOTHING_SAID
from sinks.search.product_documents import product_document
from sinks.search.product_query import ProductQuery
from sinks.search.related_products import related_to
from tests.support.examples import envelope, product


def test_an_index_of_the_version_before_names_no_related_products_and_is_asked_for_what_is_alike() -> None:
    shown = product_document(envelope("product.published"), ProductPublished(product=product()))
    assert shown.document is not None
    older = {name: value for name, value in shown.document.items() if name != "related_ids"} | {"version": 1}
    asked: list[Mapping[str, Any]] = []

    def ask(bodies: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
        asked.extend(bodies)
        return [[{"_id": str(shown.id), "_source": older}] if len(asked) == 1 else [] for _ in bodies]

    found = related_to(str(shown.id), ProductQuery(tenant_id=uuid4()), (NO_TREE, NOTHING_SAID), ask)

    assert found is not None
    assert (found[0].id, found[1]) == (shown.id, ())
    assert len(asked) == 2
