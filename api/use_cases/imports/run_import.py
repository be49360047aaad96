"""Runs an import beside others of the same shop, and alone when they are in each other's way."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from api.domain.errors import StaleVersion, Taken
from api.domain.scope import Access
from api.store.errors import Collided
from api.store.outbox import Cause
from api.store.store import Store
from api.store.unit_of_work import UnitOfWork
from api.use_cases.imports.item_results import ItemResult

Import = Callable[[UnitOfWork], Sequence[ItemResult]]
_IN_THE_WAY: Final = (Collided, Taken, StaleVersion)


def run_import(store: Store, access: Access, cause: Cause, aggregate: str, take_in: Import) -> Sequence[ItemResult]:
    """The result of each item. All of it is one unit of work: it is there as a whole, or not at all."""
    return _beside_others(store, access, cause, aggregate, take_in) or _alone(store, access, cause, aggregate, take_in)


def _beside_others(
    store: Store, access: Access, cause: Cause, aggregate: str, take_in: Import
) -> Sequence[ItemResult] | None:
    """None, and nothing has happened: another call may have brought the same items at the same moment."""
    with suppress(*_IN_THE_WAY), store.work(access, cause) as work:
        work.take_turns(f"import {aggregate}", alone=False)
        results = take_in(work)
        taken = next((one.why for one in results if isinstance(one.why, Taken)), None)
        if taken is not None:  # perhaps by the same item, a moment ago
            raise taken
        return results
    return None


def _alone(store: Store, access: Access, cause: Cause, aggregate: str, take_in: Import) -> Sequence[ItemResult]:
    """No other import of the shop is under way; single commands may still be."""

    def decide(work: UnitOfWork) -> Sequence[ItemResult]:
        work.take_turns(f"import {aggregate}", alone=True)
        return take_in(work)

    return store.carry_out(access, cause, decide, again_on=_IN_THE_WAY)
