"""Carries out many commands of one call, all of them in one unit of work, and says what became of each.

With an `Idempotency-Key` the report is kept with the changes: killed on the way, none of them is there and the call can
be sent again; answered already, it is answered again.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from flask import Response
from pydantic import ValidationError

from api.domain.errors import FieldError, Invalid
from api.http import problems
from api.http.bodies.bulk import BulkAnswer, BulkItem
from api.http.command_answers import CommandAnswer, carry_out, signed_receipt
from api.store.unit_of_work import UnitOfWork
from api.use_cases.bulk.chained_changes import Outcome
from schemas.aggregate import Aggregate

_NO_ACTION: Final = frozenset({"union_tag_invalid", "union_tag_not_found"})


def carry_out_many(aggregate: Aggregate, decide: Callable[[UnitOfWork], Sequence[Outcome[Any]]]) -> Response:
    """The report. Raises as `carry_out`."""

    def all_of_them(work: UnitOfWork) -> CommandAnswer:
        items = [_item(work, aggregate, index, one) for index, one in enumerate(decide(work))]
        return CommandAnswer(BulkAnswer.of(items))

    return carry_out(all_of_them, of_one=False)


def _item(work: UnitOfWork, aggregate: Aggregate, index: int, one: Outcome[Any]) -> BulkItem:
    if one.held is None or one.id is None:
        problem = problems.of(_why(one))
        return BulkItem(index=index, status=problem["status"], id=one.id, problem=problem)
    receipt = signed_receipt(work.tenant_id, aggregate, one.id, one.held.version)
    return BulkItem(index=index, status=HTTPStatus.OK, id=one.id, version=one.held.version, receipt=receipt.text)


def _why(one: Outcome[Any]) -> Exception:
    """Of an item that cannot be read the paths begin with its action, which is no field."""
    if not isinstance(one.why, ValidationError):
        return one.why or RuntimeError("refused without a reason")
    told = problems.from_validation(one.why)
    if one.id is not None:
        return told
    return Invalid(told.detail, [replace(wrong, field=_field(wrong)) for wrong in told.errors])


def _field(wrong: FieldError) -> str:
    return "action" if wrong.code in _NO_ACTION else wrong.field.partition(".")[2]
