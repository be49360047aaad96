"""Makes a collection, as a draft."""

from api.domain import collections as domain
from api.domain.changes import Versioned
from api.store.unit_of_work import UnitOfWork
from api.use_cases.collections.collection_parts import require_categories, require_products, rule, texts
from api.use_cases.collections.commands import NewCollection
from schemas.events.collection import Collection


def create_collection(work: UnitOfWork, command: NewCollection) -> Versioned[Collection]:
    """Raises `Invalid`, and `Taken` for a handle or external id in use."""
    id_, wanted = work.new_id(), rule(command.rule)
    require_categories(work, wanted)
    require_products(work, command.product_ids)
    made = Collection(
        id=id_,
        external_id=command.external_id,
        status=domain.DRAFT,
        translations=texts(id_, command.translations),
        rule=wanted,
        product_ids=tuple(command.product_ids),
        created_at=work.now,
        updated_at=work.now,
    )
    return work.save(work.collections, domain.create(made, work.now))
