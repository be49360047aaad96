"""Declares what each index of OpenSearch grows by: those of the read models that are there."""

from collections.abc import Mapping
from typing import Final

from ops.growth.declared_growth import Growth, Pruner
from sinks.read_models import READ_MODELS
from sinks.search.page_documents import COLLECTION as PAGES
from sinks.stores import InOpenSearch

#: By collection.
_GROWS_BY: Final[Mapping[str, str]] = {
    "products": "a document per product, with its texts in every language, its variants, stock and prices",
    "categories": "a document per category",
    PAGES: "a document per page or post, with its texts in every language",
}
_BY_HAND: Final = Pruner("hand", "`DELETE /<index>` at OpenSearch, when no feed and no reader has it any more")


def growth() -> tuple[Growth, ...]:
    """Raises `KeyError` for a collection that nobody has said this of."""
    stored = [model for model in READ_MODELS if isinstance(model.store, InOpenSearch)]
    return (
        *(
            Growth(
                kind="index",
                names=(f"rustok-{model.name}-{collection}-v{model.version}",),
                grows_by=_GROWS_BY[collection],
                bound="state",
                keeps="those that there are; of what is gone a tombstone, so that no late event revives it",
                pruned_by=Pruner("process", f"feed-{model.name}"),
            )
            for model in stored
            for collection in model.collections
        ),
        Growth(
            kind="index",
            names=tuple(f"rustok-{model.name}-* (older versions)" for model in stored),
            grows_by="an index per version of a read model",
            bound="forever",
            keeps="what was shown before the newest version took over, to go back to",
            pruned_by=_BY_HAND,
        ),
    )
