"""Many at once: up to 500 in a call, by external id, each with its own outcome; sending them again changes nothing."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from apiflask import APIBlueprint
from flask import Response
from pydantic import ValidationError

from api.domain.errors import StaleVersion, Taken
from api.http import problems
from api.http.bodies.imports import CategoryImport, ImportAnswer, ItemAnswer, OrderImport, ProductImport
from api.http.command_answers import cause, signed
from api.http.dependencies import dependencies
from api.http.receipts import receipt_of
from api.http.security import requires, tenant
from api.store.errors import Collided
from api.store.unit_of_work import UnitOfWork
from api.use_cases.imports.import_categories import take_in as take_in_categories
from api.use_cases.imports.import_orders import take_in as take_in_orders
from api.use_cases.imports.import_products import take_in as take_in_products
from api.use_cases.imports.item_results import Outcome

Decide = Callable[[UnitOfWork], Sequence[Outcome]]
_IN_THE_WAY: Final = (Collided, Taken, StaleVersion)

imports = APIBlueprint("imports", __name__, url_prefix="/v1/imports", tag="Imports")


@imports.post("/categories")
@requires("categories:import")
@imports.input(CategoryImport)
@imports.output(ImportAnswer)
def import_categories(json_data: CategoryImport) -> Response:
    """Categories, by external id, parents and children in any order"""
    return _take_in("category", lambda work: take_in_categories(work, json_data.items))


@imports.post("/products")
@requires("products:import")
@imports.input(ProductImport)
@imports.output(ImportAnswer)
def import_products(json_data: ProductImport) -> Response:
    """Products, by external id, in categories that are there"""
    return _take_in("product", lambda work: take_in_products(work, json_data.items))


@imports.post("/orders")
@requires("orders:import")
@imports.input(OrderImport)
@imports.output(ImportAnswer)
def import_orders(json_data: OrderImport) -> Response:
    """Past orders, by external id, at the prices of their time"""
    shop = tenant()
    return _take_in("order", lambda work: take_in_orders(work, json_data.items, shop))


def _take_in(aggregate: str, decide: Decide) -> Response:
    outcomes = _beside_others(aggregate, decide) or _alone(aggregate, decide)
    items = [_answer(aggregate, outcome) for outcome in outcomes]
    counts = Counter(item.outcome for item in items)
    body = ImportAnswer(
        created=counts["created"],
        updated=counts["updated"],
        unchanged=counts["unchanged"],
        refused=counts["refused"],
        items=items,
    )
    return Response(body.model_dump_json(exclude_none=True), content_type="application/json")


def _beside_others(aggregate: str, decide: Decide) -> Sequence[Outcome] | None:
    """None, and nothing has happened: another call may have brought the same items at the same moment."""
    with suppress(*_IN_THE_WAY), dependencies().store.work(tenant().id, cause()) as work:
        work.take_turns(f"import {aggregate}", alone=False)
        outcomes = decide(work)
        taken = next((one.why for one in outcomes if isinstance(one.why, Taken)), None)
        if taken is not None:  # perhaps by the same item, a moment ago
            raise taken
        return outcomes
    return None


def _alone(aggregate: str, decide: Decide) -> Sequence[Outcome]:
    """No other import of the shop is under way; single commands may still be."""

    def look(work: UnitOfWork) -> Sequence[Outcome]:
        work.take_turns(f"import {aggregate}", alone=True)
        return decide(work)

    return dependencies().store.carry_out(tenant().id, cause(), look, again_on=_IN_THE_WAY)


def _answer(aggregate: str, outcome: Outcome) -> ItemAnswer:
    if outcome.id is None or outcome.version is None:
        return ItemAnswer(external_id=outcome.external_id, outcome=outcome.result, problem=_problem(outcome.why))
    return ItemAnswer(
        external_id=outcome.external_id,
        outcome=outcome.result,
        id=outcome.id,
        version=outcome.version,
        receipt=signed(receipt_of(aggregate, outcome.id, outcome.version)),
    )


def _problem(why: Exception | None) -> dict[str, object]:
    if isinstance(why, ValidationError):
        why = problems.from_validation(why)
    return problems.of(why or RuntimeError("refused without a reason"))
