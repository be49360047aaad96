"""Moves a product through its life: shown, hidden, kept for the record, deleted."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from api.domain import products as domain
from api.domain.changes import ANY_VERSION, Decision, Expected, Versioned
from api.store.unit_of_work import UnitOfWork
from api.use_cases.require_found import found
from schemas.events.product import Product


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
    """What it was; an active one is not deleted."""
    return _move(work, product_id, expected, domain.delete)


def _move(
    work: UnitOfWork,
    product_id: UUID,
    expected: Expected,
    step: Callable[[Versioned[Product], datetime], Decision[Product]],
) -> Versioned[Product]:
    """Raises `NotFound`, `VersionMismatch`, `IllegalTransition`."""
    held = found(work.products.get, "product", product_id)
    expected.require(held)
    return work.save(work.products, step(held, work.now))
