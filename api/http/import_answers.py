"""Runs an import for whoever asks, and says what became of each item."""

from collections.abc import Sequence

from pydantic import ValidationError

from api.http import problems, security
from api.http.bodies.imports import ItemAnswer
from api.http.command_answers import cause, signed_receipt
from api.http.dependencies import dependencies
from api.use_cases.imports.item_results import ItemResult
from api.use_cases.imports.run_import import Import, run_import
from schemas.aggregate import Aggregate


def run(aggregate: str, take_in: Import) -> Sequence[ItemResult]:
    """One unit of work: it is there as a whole, or not at all."""
    return run_import(dependencies().store, security.access(), cause(), aggregate, take_in)


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
