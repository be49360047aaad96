"""Of who signed in, the role in the token is not believed: what they may do is what they may do now."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from apiflask import APIFlask

from api.domain.permissions import Grant, Role
from api.domain.scope import Actor
from api.http.dependencies import EXTENSION
from api.http.tokens import AccessTokens
from api.store.standings import Standing
from tests.api.conftest import SHOP

CLERK = Standing(Role.STAFF, (Grant("analytics", frozenset({"read"})),))
Status = Callable[[Standing | None, str], int]


@dataclass
class Known:
    standing: Standing | None

    def of(self, tenant_id: UUID | None, user_id: UUID, session_id: UUID) -> Standing | None:
        return self.standing


@pytest.fixture
def status(app: APIFlask, tokens: AccessTokens) -> Status:
    """Of an answer to a person whose token says that they are an admin."""
    actor = Actor(tenant_id=SHOP.id, tenant_slug=SHOP.slug, actor_id=str(uuid4()), role=Role.ADMIN, session_id=uuid4())
    token = tokens.issue(actor, now=datetime.now(UTC), valid=timedelta(hours=1))

    def asked(standing: Standing | None, path: str) -> int:
        app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], standings=Known(standing))
        return app.test_client().get(path, headers={"Authorization": f"Bearer {token}"}).status_code

    return asked


def test_who_has_no_session_any_more_is_nobody(status: Status) -> None:
    assert status(None, "/v1/analytics/sales") == 401


def test_a_role_that_was_taken_away_counts_no_more(status: Status) -> None:
    assert status(Standing(Role.CUSTOMER, ()), "/v1/analytics/sales") == 403


def test_what_a_role_of_the_shop_gives_is_allowed_and_nothing_else(status: Status) -> None:
    assert status(CLERK, "/v1/analytics/sales") not in (401, 403)
    assert status(CLERK, "/v1/users") == 403


def test_what_a_role_takes_away_is_refused(status: Status) -> None:
    denied = Standing(Role.ADMIN, (Grant("analytics", frozenset({"read"}), None),))

    assert status(denied, "/v1/analytics/sales") == 403


def test_a_token_names_its_session(tokens: AccessTokens) -> None:
    actor = Actor(tenant_id=SHOP.id, tenant_slug=SHOP.slug, actor_id="u", role=Role.ADMIN, session_id=uuid4())

    assert tokens.verify(tokens.issue(actor, now=datetime.now(UTC), valid=timedelta(hours=1))) == actor
