import psycopg
import pytest

from ops.settings import Settings
from tests.support.stack import Stack

pytestmark = pytest.mark.servers


def test_migrating_again_changes_nothing(settings: Settings, servers: Stack, postgres: psycopg.Connection) -> None:
    pinned = postgres.execute("SELECT subject, version, schema_id FROM schema_versions ORDER BY 1, 2").fetchall()

    said = servers.rustok("api", "migrate").stdout

    assert "0 of them new" in said
    again = postgres.execute("SELECT subject, version, schema_id FROM schema_versions ORDER BY 1, 2").fetchall()
    assert again == pinned


def test_the_role_of_the_api_is_bound_by_row_level_security(postgres: psycopg.Connection, settings: Settings) -> None:
    role = postgres.execute(
        "SELECT rolcanlogin, rolbypassrls, rolsuper FROM pg_roles WHERE rolname = 'rustok_app'"
    ).fetchone()

    assert role == (False, False, False)
