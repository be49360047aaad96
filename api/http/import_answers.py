"""Runs an import for whoever asks, and says what became of each item."""

from collections import Counter
from collections.abc import Sequence

from flask import Response
from pydantic import ValidationError

from api.http import problems, security
from api.http.bodies.imports import ImportAnswer, ItemAnswer
from api.http.command_answers import cause, signed_receipt
from api.http.dependencies import dependencies
from api.use_cases.imports.item_results import ItemResult
from api.use_cases.imports.run_import import Import, run_import
from schemas.aggregate import Aggregate


def run(aggregate: str, take_in: Import) -> Sequence[ItemResult]:
    """One unit of work: it is there as a whole, or not at all."""
    return run_import(dependencies().store, security.access(), cause(), aggregate, take_in)


def import_answer(aggregate: Aggregate, take_in: Import) -> Response:
    """What became of each, and of how many what."""
    items = [item_answer(aggregate, result) for result in run(aggregate.name, take_in)]
    counts = Counter(item.outcome for item in items)
    body = ImportAnswer(
        created=counts["created"],
        updated=counts["updated"],
        unchanged=counts["unchanged"],
        refused=counts["refused"],
        items=items,
    )
    return Response(body.model_dump_json(exclude_none=True), content_type="application/json")


def item_answer(aggregate: Aggregate, result: ItemResult) -> ItemAnswer:
    if result.id is None or result.version is None:
        return ItemAnswer(external_id=result.external_id, outcome=result.result, problem=_problem(result.why))
    return ItemAnswer(
        external_id=result.external_id,
        outcome=result.result,
        id=result.id,
        version=result.version,
        receipt=signed_receipt(security.tenant().id, aggregate, result.id, result.version).text,
    )


def _problem(why: Exception | None) -> dict[str, object]:
    if isinstance(why, ValidationError):
        why = problems.from_validation(why)
    return problems.of(why or RuntimeError("refused without a reason"))
