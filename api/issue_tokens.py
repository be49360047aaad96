"""Issues tokens to whoever has the database and its keys, as `rustok api token` does."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import psycopg

from api.domain.permissions import Role
from api.domain.scope import Actor
from api.domain.signing_keys import SigningKey
from api.http.make_tokens import make_tokens
from api.store.errors import StoreDown
from api.store.signing_keys import SigningKeyRows
from ops.clients import postgres
from ops.failure import Failure
from ops.settings import Settings


def actors_named(settings: Settings, slugs: Sequence[str], actor: str, role: Role) -> list[Actor]:
    """One for each shop; without a shop, one of the platform. Raises `Failure` for a shop that is not there."""
    if not slugs:
        return [Actor(tenant_id=None, tenant_slug=None, actor_id=actor, role=role)]
    ids = tenant_ids(settings, slugs)
    return [Actor(tenant_id=ids[slug], tenant_slug=slug, actor_id=actor, role=role) for slug in slugs]


def tenant_ids(settings: Settings, slugs: Sequence[str]) -> dict[str, UUID]:
    """{slug: id}. Raises `Failure` for a shop that is not there."""
    try:
        with postgres.connect(settings.postgres_url) as connection:
            connection.execute("SELECT set_config('rustok.platform', 'on', true)")
            found: dict[str, UUID] = dict(
                connection.execute("SELECT slug, id FROM tenants WHERE slug = ANY (%s)", (list(slugs),)).fetchall()
            )
    except psycopg.OperationalError as down:
        raise Failure("PostgreSQL does not answer, so nobody knows the tenants' ids.", "Run `rustok up`.") from down
    missing = [slug for slug in slugs if slug not in found]
    if missing:
        raise Failure(
            f"There is no tenant {', '.join(missing)}.",
            "Make it with POST /v1/tenants and a token of role super_admin.",
        )
    return found


def issue_tokens(settings: Settings, actors: Sequence[Actor], valid: timedelta) -> dict[str, str]:
    """{slug of the shop, or the role: token}. Raises `Failure`, and ValueError for longer than a token may be valid."""
    tokens = make_tokens(settings, partial(_signing_keys, settings))
    now = datetime.now(UTC)
    try:
        return {one.tenant_slug or one.role.value: tokens.issue(one, now=now, valid=valid) for one in actors}
    except StoreDown as missing:
        raise Failure(
            f"No token can be signed: {missing}.", "`rustok api keys list` shows which keys sign."
        ) from missing


def _signing_keys(settings: Settings) -> list[SigningKey]:
    try:
        with postgres.connect(settings.postgres_url) as connection:
            return SigningKeyRows(connection).all()
    except psycopg.OperationalError as down:
        raise StoreDown from down
