"""Makes a product, as a draft."""

from api.domain import products as domain
from api.domain.changes import Versioned
from api.store.unit_of_work import UnitOfWork
from api.use_cases.products.category_paths import category_paths
from api.use_cases.products.commands import NewProduct
from api.use_cases.products.product_parts import assemble
from api.use_cases.products.related_products import related_ids
from schemas.events.product import Product


def create_product(work: UnitOfWork, command: NewProduct) -> Versioned[Product]:
    """Raises `Invalid`, and `Taken` for a SKU, handle or external id in use."""
    made = assemble(
        command,
        product_id=work.new_id(),
        status=domain.DRAFT,
        placed=category_paths(command.category_ids, work.categories.paths(command.category_ids), "category_ids"),
        related_ids=related_ids(work, command.related_ids),
        work=work,
        old=None,
    )
    return work.save(work.products, domain.create(made, work.now))
