"""Every table of the migrated database is declared with what it grows by and who prunes it."""

import psycopg
import pytest

from ops.growth.declared_growth import all_growth

pytestmark = pytest.mark.servers


def tables(postgres: psycopg.Connection) -> set[str]:
    rows = postgres.execute(
        "SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
    ).fetchall()
    return {name for (name,) in rows}


def test_a_table_says_who_prunes_it(postgres: psycopg.Connection) -> None:
    declared = {name for one in all_growth() if one.kind == "table" for name in one.names if " (" not in name}

    assert tables(postgres) == declared
