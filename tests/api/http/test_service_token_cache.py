"""Who shows a token of a program, without a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.domain.errors import Unauthenticated
from api.domain.permissions import Grant, Role, Scope
from api.domain.service_tokens import ServiceToken
from api.domain.token_text import TokenKind, TokenText
from api.http.service_token_cache import StoredServiceTokens, is_service_token
from api.store.errors import StoreDown
from tests.api.conftest import NOW, SHOP, Clock

TEXT = TokenText.new(TokenKind.SERVICE, uuid4())
GRANTS = (Grant("orders", frozenset({"read"}), Scope.ALL),)


@dataclass
class Table:
    """Stands for the store and for the connection that it gives: one row, and what was asked."""

    token: ServiceToken
    away: bool = False
    asked: list[str] = field(default_factory=list)

    @contextmanager
    def reading(self, tenant_id: UUID | None = None, *, platform: bool = False) -> Iterator["Table"]:
        if self.away:
            raise StoreDown
        assert platform or tenant_id == SHOP.id
        yield self

    def execute(self, query: str, parameters: tuple[Any, ...]) -> "Table":
        self.asked.append(query.split()[0])
        if self.asked[-1] == "UPDATE":
            self.token = replace(self.token, used_at=parameters[0])
        self.found = self.token.id in parameters
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        one = self.token
        row = (one.id, one.tenant_id, one.kind.value, one.name, {"orders:read": "all"}, one.ending, one.made_by)
        return (*row, one.made_at, one.expires_at, one.revoked_at, one.used_at, TEXT.hash) if self.found else None


@pytest.fixture
def table() -> Table:
    return Table(
        ServiceToken(
            id=TEXT.id,
            tenant_id=SHOP.id,
            kind=TokenKind.SERVICE,
            name="Anna's till",
            grants=GRANTS,
            ending=TEXT.ending,
            made_by="anna",
            made_at=NOW - timedelta(days=1),
            expires_at=NOW + timedelta(days=1),
        )
    )


@pytest.fixture
def tokens(table: Table, clock: Clock) -> StoredServiceTokens:
    def now() -> datetime:
        return NOW + timedelta(seconds=clock.now_s())

    return StoredServiceTokens(table, now, clock.now_s)  # type: ignore[arg-type]  # all of a store that is used


def test_who_shows_a_token_is_the_program_and_not_by_name(tokens: StoredServiceTokens) -> None:
    actor = tokens.read(TEXT.text).actor

    assert (actor.tenant_id, actor.role, actor.grants) == (SHOP.id, Role.INTEGRATION, GRANTS)
    assert actor.actor_id == f"token:{TEXT.id}"


def test_a_mistyped_token_costs_no_question(tokens: StoredServiceTokens, table: Table) -> None:
    for text in (TEXT.text[:-1] + "!", TEXT.text.replace("live", "pub"), "rtk_", "rtk_live_" + "0" * 81):
        assert is_service_token(text)
        with pytest.raises(Unauthenticated):
            tokens.read(text)

    assert table.asked == []


@pytest.mark.parametrize(
    "text",
    [
        TokenText.new(TokenKind.SERVICE, TEXT.id),  # the same id and another secret
        replace(TEXT, kind=TokenKind.SEARCH),
        replace(TEXT, id=uuid4()),
    ],
)
def test_only_the_whole_token_is_good(tokens: StoredServiceTokens, text: TokenText) -> None:
    with pytest.raises(Unauthenticated):
        tokens.read(text.text)


def test_a_revoked_token_is_refused_within_two_seconds(tokens: StoredServiceTokens, table: Table, clock: Clock) -> None:
    until = tokens.read(TEXT.text).until
    table.token = replace(table.token, revoked_at=NOW)
    clock.sleep(1)

    assert until - NOW < timedelta(seconds=1)  # whoever keeps an answer keeps it no longer
    with pytest.raises(Unauthenticated, match="not valid"):
        tokens.read(TEXT.text)


def test_an_expired_token_says_so(tokens: StoredServiceTokens, clock: Clock) -> None:
    clock.sleep(86_400)

    with pytest.raises(Unauthenticated, match="expired"):
        tokens.read(TEXT.text)


def test_its_use_is_noted_once_a_minute(tokens: StoredServiceTokens, table: Table, clock: Clock) -> None:
    for _ in range(100):
        tokens.read(TEXT.text)
        clock.sleep(1)

    assert table.asked.count("UPDATE") == 2
    assert table.token.used_at == NOW + timedelta(seconds=60)


def test_while_the_database_is_away_a_known_token_is_good(
    tokens: StoredServiceTokens, table: Table, clock: Clock
) -> None:
    tokens.read(TEXT.text)
    table.away = True
    clock.sleep(600)

    assert tokens.read(TEXT.text).actor.tenant_id == SHOP.id


def test_before_a_token_was_ever_seen_nobody_is_called_a_liar(tokens: StoredServiceTokens, table: Table) -> None:
    table.away = True

    with pytest.raises(StoreDown):
        tokens.read(TEXT.text)
