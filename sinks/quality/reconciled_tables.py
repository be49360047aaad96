"""Compares every row of a model with its tables: what readers see, and what was refused for a rule,
are together all there is.
"""

from collections.abc import Sequence
from typing import Final, Literal

from sinks.document_differences import DocumentDifference
from sinks.duckdb.duckdb_sink import Refuses
from sinks.quality.check_results import MOST_EXAMPLES, Result
from sinks.quality.expectation import Expectation, NoRows, Severity

_NO_ROWS: Final = NoRows("")  # it is no question to a snapshot


def kept_out(differences: Sequence[DocumentDifference], refuses: Refuses | None) -> Sequence[DocumentDifference]:
    """Those that a rule keeps out of what readers see."""
    return [one for one in differences if refuses and one.wanted and refuses(one.wanted) is not None]


def reconciled(
    model: str, table: str, differences: Sequence[DocumentDifference], kept_out: Sequence[DocumentDifference]
) -> Sequence[Result]:
    """Two results: of what differs, and of what a rule keeps out."""
    wrong = [one for one in differences if one not in kept_out]
    return (
        _result(
            Expectation(
                name=f"{table}_are_as_the_tables_have_them",
                table=table,
                condition=_NO_ROWS,
                meaning="What PostgreSQL has is there, field by field, but for what was refused; and nothing else is.",
                advice=f"`rustok sinks verify {model} --full --repair` puts it right, and says what it was.",
            ),
            wrong,
        ),
        _result(
            Expectation(
                name=f"{table}_are_not_refused",
                table=table,
                condition=_NO_ROWS,
                meaning="Nothing that PostgreSQL has breaks a rule for which it is kept out of all figures.",
                advice="`rustok streams dead-letters groups` says which rule: edit what is wrong and replay it.",
                severity="warning",
            ),
            kept_out,
        ),
    )


def _result(expectation: Expectation, found: Sequence[DocumentDifference]) -> Result:
    if not found:
        return Result(expectation=expectation, outcome="passed")
    outcomes: dict[Severity, Literal["failed", "warned"]] = {"critical": "failed", "warning": "warned"}
    return Result(
        expectation=expectation,
        outcome=outcomes[expectation.severity],
        broken=len(found),
        examples=[
            {"tenant_id": str(one.tenant_id), "id": str(one.id), "is": one.kind, "why": one.reason}
            for one in found[:MOST_EXAMPLES]
        ],
    )
