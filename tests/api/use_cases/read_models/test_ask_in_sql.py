from dataclasses import dataclass, field

import pytest

from api.domain.errors import Forbidden
from api.domain.permissions import Role, Scope
from api.domain.scope import Access, Actor
from api.use_cases.read_models.ask_in_sql import QueryRefused, SqlAsked, ask_in_sql
from schemas.row_conditions import EVERY_ROW, All, OneOf, RowCondition, Within
from sinks.freshness import Freshness
from sinks.sql.sql_reader import Asked, SqlAnswer, SqlQuery
from sinks.sql.statement_tree import StatementRefused
from tests.api.conftest import SHOP

PAID = OneOf("status", ("paid",))
SMALL = Within("total_minor", most=100)
ACTOR = Actor(tenant_id=SHOP.id, tenant_slug=SHOP.slug, actor_id="somebody", role=Role.STAFF)


@dataclass
class Statements:
    asked: list[SqlQuery] = field(default_factory=list)
    failing: StatementRefused | None = None

    def ask(self, query: SqlQuery) -> SqlAnswer:
        self.asked.append(query)
        if self.failing is not None:
            raise self.failing
        return SqlAnswer(columns=[], rows=0, truncated=False, body=b"[]", snapshot="", freshness=Freshness())


def reaching(rows: RowCondition) -> Access:
    return Access(actor=ACTOR, resource="analytics", scope=Scope.ALL, tenant=SHOP, rows=rows)


@pytest.mark.parametrize(
    ("query", "read", "reached"),
    [
        (EVERY_ROW, EVERY_ROW, EVERY_ROW),
        (PAID, EVERY_ROW, PAID),
        (EVERY_ROW, SMALL, SMALL),
        (PAID, SMALL, All((PAID, SMALL))),
    ],
)
def test_rows_are_seen_as_far_as_both_permissions_reach(
    query: RowCondition, read: RowCondition, reached: RowCondition
) -> None:
    statements = Statements()

    ask_in_sql(statements, reaching(query), reaching(read), SqlAsked(sql="FROM orders"), "json")

    assert [(one.tenant_id, one.reached) for one in statements.asked] == [(SHOP.id, reached)]


def test_who_may_not_read_figures_may_not_ask_for_rows() -> None:
    statements = Statements()

    with pytest.raises(Forbidden):
        ask_in_sql(statements, reaching(EVERY_ROW), None, SqlAsked(sql="FROM orders"), "json")
    assert statements.asked == []


@pytest.mark.parametrize("model", ["searches", "event-archive"])
def test_who_sees_some_orders_sees_nothing_else(model: Asked) -> None:
    statements = Statements()

    with pytest.raises(Forbidden):
        ask_in_sql(statements, reaching(PAID), reaching(EVERY_ROW), SqlAsked(sql="FROM x", model=model), "json")
    assert statements.asked == []


def test_where_a_statement_is_wrong_is_told_by_line_and_column() -> None:
    statements = Statements(failing=StatementRefused("query_error", "Binder Error: no", 11))

    with pytest.raises(QueryRefused) as refused:
        ask_in_sql(statements, reaching(EVERY_ROW), reaching(EVERY_ROW), SqlAsked(sql="SELECT 1,\n  x"), "json")

    assert refused.value.detail == "Binder Error: no (line 2, column 2)"
    assert refused.value.code == "query_error"
