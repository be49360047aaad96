"""Lists the read models, and how to look at what their readers see."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ops.settings import Settings
from sinks.analytics import sales_facts
from sinks.opensearch import OpenSearchStore, index_name
from sinks.published import Published
from sinks.read_model import ReadModel
from sinks.search import product_documents


@dataclass(frozen=True, slots=True)
class Listed:
    """`shape` is what its store is made with; `place` is where it lives, for people."""

    model: ReadModel
    shape: Any
    published: Callable[[Settings], Published]
    place: Callable[[Settings], str]


MODELS: Final = (
    Listed(
        product_documents.MODEL,
        product_documents.FIELDS,
        lambda settings: product_documents.published(OpenSearchStore(settings.opensearch)),
        lambda settings: f"{settings.opensearch_url} {_indices(product_documents.MODEL)}",
    ),
    Listed(
        sales_facts.MODEL,
        (sales_facts.ORDER_FACTS,),
        lambda settings: sales_facts.published(settings.analytics_dir),
        lambda settings: str(settings.analytics_dir / sales_facts.MODEL.id),
    ),
)


def named(name: str) -> Listed | None:
    """The read model of this name or id."""
    return next((listed for listed in MODELS if name in (listed.model.name, listed.model.id)), None)


def _indices(model: ReadModel) -> str:
    return ", ".join(index_name(projection.collection, model.version) for projection in model.projections)
