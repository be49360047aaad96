"""Asks the figures of a shop in SQL: one SELECT, over the rows that the asker reaches and over no others."""

from typing import Literal

from pydantic import ConfigDict, Field

from api.domain.errors import FieldError, Forbidden, Invalid, Refused
from api.domain.scope import Access
from api.use_cases.fields import Input
from api.use_cases.read_models.question import Statements
from schemas.row_conditions import EVERY_ROW, all_of
from sinks.sql.allowed_statements import LONGEST
from sinks.sql.sql_reader import Asked, Kind, SqlAnswer, SqlQuery, TooManyStatements
from sinks.sql.statement_tree import StatementRefused


class SqlAsked(Input):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"sql": "SELECT category, currency, sum(revenue_minor) AS revenue_minor FROM sales GROUP BY ALL"}
            ]
        }
    )

    sql: str = Field(min_length=1, max_length=LONGEST, description="One SELECT of DuckDB.")
    model: Literal["sales", "searches", "event-archive"] = "sales"


class QueryRefused(Invalid):
    """`code` says why; `errors` has DuckDB's message, and where in the statement."""

    def __init__(self, refused: StatementRefused, sql: str) -> None:
        where = "" if refused.position is None else f" ({_place(sql, refused.position)})"
        message = f"{refused.message}{where}"
        super().__init__(message, (FieldError("sql", refused.code, message),))
        self.code = refused.code


class TooManyQueries(Refused):
    """So many statements are being carried out that there is no place for another."""

    code = "too_many_queries"
    retry_after_s = 2


def ask_in_sql(statements: Statements, access: Access, read: Access | None, asked: SqlAsked, kind: Kind) -> SqlAnswer:
    """`read` is how far the asker reaches with `analytics:read`: no further than both do they see rows.

    Raises `QueryRefused`, `TooManyQueries`, `Forbidden`, `Unavailable`.
    """
    if read is None:
        raise Forbidden("Who asks in SQL is to have analytics:read, too.")
    asks, reads = access.reached("analytics"), read.reached("analytics")
    reached = asks if asks == reads else all_of(asks, reads)
    model: Asked = asked.model
    if reached != EVERY_ROW and model != "sales":
        raise Forbidden("You see some orders only, and searches and the archive of events belong to none.")
    query = SqlQuery(tenant_id=access.shop.id, sql=asked.sql, model=model, kind=kind, reached=reached)
    try:
        return statements.ask(query)
    except StatementRefused as refused:
        raise QueryRefused(refused, asked.sql) from refused
    except TooManyStatements as many:
        raise TooManyQueries("So many statements are being carried out that there is no place. Ask again.") from many


def _place(sql: str, position: int) -> str:
    before = sql[:position]
    return f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"
