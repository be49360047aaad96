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


def growth() -> tuple[Growth, ...]:
    """Of a new collection what can be said of any."""
    stored = [model for model in READ_MODELS if isinstance(model.store, InOpenSearch)]
    return (
        *(
            Growth(
                kind="index",
                names=(f"rustok-{model.name}-{collection}-v{model.version}",),
                grows_by=_GROWS_BY.get(collection, "a document per thing that it is made of"),
                bound="state",
                keeps="those that there are; of what is gone a tombstone, so that no late event revives it",
                pruned_by=Pruner("process", f"feed-{model.name}"),
            )
            for model in stored
            for collection in model.collections
        ),
        Growth(
            kind="index",
            names=tuple(f"rustok-{model.name}-* (older versions, other builds)" for model in stored),
            grows_by="an index per version of a read model, and per time that it is made again",
            bound="time",
            keeps="what readers saw before, to go back to, and what was made and not shown",
            pruned_by=Pruner("job", "drop-builds"),
            settings=("rebuild_kept_h",),
        ),
    )
