"""Moves a product through its life: shown, hidden, kept for the record, deleted."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from api.domain import products as domain
from api.domain.changes import ANY_VERSION, Decision, Expected, Versioned
from api.store.unit_of_work import UnitOfWork
from api.use_cases.collections.choose_products import leave_collections
from api.use_cases.prices.renew_prices import forget_prices
from api.use_cases.require_found import found
from api.use_cases.stock.manage_stock import forget_lost_variants
from schemas.events.product import Product

#: From one status to another.
Step = Callable[[Versioned[Product], datetime], Decision[Product]]


def publish_product(work: UnitOfWork, product_id: UUID, expected: Expected = ANY_VERSION) -> Versioned[Product]:
    """draft → active."""
    return _move(work, product_id, expected, domain.publish)


def unpublish_product(work: UnitOfWork, product_id: UUID, expected: Expected = ANY_VERSION) -> Versioned[Product]:
    """active → draft."""
    return _move(work, product_id, expected, domain.unpublish)


def archive_product(work: UnitOfWork, product_id: UUID, expected: Expected = ANY_VERSION) -> Versioned[Product]:
    """draft or active → archived."""
    return _move(work, product_id, expected, domain.archive)


def delete_product(work: UnitOfWork, product_id: UUID, expected: Expected = ANY_VERSION) -> Versioned[Product]:
    """What it was; an active one is not deleted. Stock and prices of lists go with it; collections lose it."""
    held = _found(work, product_id, expected)
    change = domain.delete(held, work.now)
    leave_collections(work, product_id)
    forget_lost_variants(work, product_id)
    forget_prices(work, product_id)
    return work.save(work.products, change)


def _move(
    work: UnitOfWork,
    product_id: UUID,
    expected: Expected,
    step: Step,
) -> Versioned[Product]:
    """Raises `NotFound`, `VersionMismatch`, `IllegalTransition`."""
    return work.save(work.products, step(_found(work, product_id, expected), work.now))


def _found(work: UnitOfWork, product_id: UUID, expected: Expected) -> Versioned[Product]:
    held = found(work.products.get, "product", product_id)
    expected.require(held)
    return held
