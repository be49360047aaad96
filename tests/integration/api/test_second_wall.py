"""The second wall, read from the database's own catalogue: no table, key, policy or role leaves a way around it.

What is an exception is here by its name, with the reason.
"""

import re
from collections.abc import Callable
from typing import Any, Final

import psycopg
import pytest

from api.store.store import NO_TENANT
from ops.clients import database_roles
from ops.settings import Settings
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers

#: Tables that are nobody's, without row-level security or with one that is not forced.
NOBODYS: Final = {
    "alembic_version": "how far the migrations are",
    "audit_unchained": "which rows of the trail wait for their place: written by a trigger, read by the job",
    "dead_letter_offsets": "how far the collector of dead letters and the intake of webhooks have read",
    "log_epoch": "one row about the whole log",
    "log_gaps": "what the log may lack",
    "log_source": "which log it is",
    "reemissions": "how far the platform's own command is",
    "schema_references": "of a schema's content, which has one id for all",
    "schemas": "one content has one id for all; what is used where is in schema_versions",
    "signing_keys": "the platform's, which its owner keeps: policies hold for everybody else",
}
#: Tables in which a name says whose a row is.
BY_CONTEXT: Final = {"schema_versions", "registry_subjects", "registry_settings", "registry_changes"}
#: Unique keys without the tenant.
KEYS: Final = {
    "dead_letter_actions_pkey": "counted by the database",
    "dead_letters_feed_topic_partition_offset_committed_at_key": "a place in Kafka, put in by the collector",
    "dead_letters_pkey": "made of a place in Kafka by the collector",
    "outbox_pkey": "made by us for each event",
    "tenant_domains_pkey": "a host names one shop",
}
#: Foreign keys between tables of tenants that do not hold the tenant, which another one holds.
FOREIGN_KEYS: Final = {"letter_actions_letter_id_fkey": "with dead_letter_actions_same_tenant beside it"}
#: Nothing a request comes near to.
ROLES: Final = (
    "rustok_app",
    "rustok_keeper",
    "rustok_capture_duty",
    "rustok_dead_letters_duty",
    "rustok_webhooks_duty",
    "rustok_eraser",
)
COMMANDS: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")
ASKS_WHOSE: Final = re.compile(r"current_tenant|current_owner|is_platform|context = '\.'")


def rows(postgres: psycopg.Connection, query: str, *values: Any) -> list[Any]:
    return postgres.execute(query, values).fetchall()  # type: ignore[call-overload, no-any-return]


@pytest.fixture
def tables(postgres: psycopg.Connection) -> set[str]:
    found = rows(
        postgres, "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    return {name for (name,) in found}


@pytest.fixture
def owned(postgres: psycopg.Connection) -> set[str]:
    """Every table with a tenant."""
    found = rows(
        postgres,
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant_id'",
    )
    return {name for (name,) in found}


def test_a_table_is_walled_or_nobodys(postgres: psycopg.Connection, tables: set[str], owned: set[str]) -> None:
    walled = rows(
        postgres,
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relrowsecurity AND relforcerowsecurity",
    )

    assert {name for (name,) in walled} == tables - NOBODYS.keys()
    assert owned <= tables - NOBODYS.keys()
    assert NOBODYS.keys() - tables == set()
    assert tables - NOBODYS.keys() - owned == {"tenants", "rebuild_requests", *BY_CONTEXT}


def test_what_a_role_may_do_a_policy_narrows(postgres: psycopg.Connection, tables: set[str]) -> None:
    """For each command that is granted there is a policy, and each asks whose the row is."""
    policies = rows(postgres, "SELECT tablename, policyname, cmd, roles, qual, with_check FROM pg_policies")
    granted = {
        (table, command)
        for table in tables - NOBODYS.keys()
        for command in COMMANDS
        if rows(postgres, "SELECT has_table_privilege('rustok_app', %s, %s)", table, command)[0][0]
    }

    holding = [one for one in policies if {"public", "rustok_app"} & set(one[3])]
    covered = {(table, command) for table, _, cmd, *_ in holding for command in COMMANDS if cmd in ("ALL", command)}
    assert granted - covered == set()
    for table, name, _, _, qual, check in holding:
        assert ASKS_WHOSE.search(qual or check), (table, name)
        assert check is None or ASKS_WHOSE.search(check), (table, name)


def test_who_sees_all_rows_is_not_who_answers_requests(postgres: psycopg.Connection) -> None:
    wide = rows(postgres, "SELECT tablename, roles FROM pg_policies WHERE qual = 'true' OR with_check = 'true'")

    assert {role for _, roles in wide for role in roles} <= {"rustok_keeper", "rustok_capture_duty"}


def test_a_policy_asks_once_for_each_statement(postgres: psycopg.Connection) -> None:
    """`(SELECT current_tenant())` is computed before the rows are looked at, `current_tenant()` for each of them."""
    once = re.compile(r"\( SELECT (?:\(?current_tenant\(\)\)?(?:::text)?|current_owner\(\)|is_platform\(\)) AS \w+\)")
    for table, name, *texts in rows(postgres, "SELECT tablename, policyname, qual, with_check FROM pg_policies"):
        for text in filter(None, texts):
            rest = once.sub("", text)
            assert not re.search(r"\w+\(", rest.replace("split_part(", "")), (table, name, text)


def test_unique_keys_carry_the_tenant(postgres: psycopg.Connection, owned: set[str]) -> None:
    """Else one tenant learns by a refusal what another one has, and takes names from them."""
    found = rows(
        postgres,
        """
        SELECT i.relname, t.relname, array_agg(a.attname)
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
            JOIN pg_attribute a ON a.attrelid = i.oid
        WHERE x.indisunique AND t.relnamespace = 'public'::regnamespace GROUP BY 1, 2
        """,
    )
    without = {name for name, table, columns in found if table in owned and "tenant_id" not in columns}

    assert without == KEYS.keys()


def test_foreign_keys_stay_in_the_tenant(postgres: psycopg.Connection, owned: set[str]) -> None:
    """A foreign key is checked past row-level security."""
    found = rows(
        postgres,
        """
        SELECT c.conname, t.relname, r.relname,
            (SELECT array_agg(attname) FROM pg_attribute WHERE attrelid = c.conrelid AND attnum = ANY (c.conkey)),
            (SELECT array_agg(attname) FROM pg_attribute WHERE attrelid = c.confrelid AND attnum = ANY (c.confkey))
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid
        WHERE c.contype = 'f'
        """,
    )
    among = [(name, own, theirs) for name, table, of, own, theirs in found if {table, of} <= owned]

    assert {name for name, own, theirs in among if not ("tenant_id" in own and "tenant_id" in theirs)} == (
        FOREIGN_KEYS.keys()
    )
    assert len(among) > 10


def test_what_was_done_about_a_dead_letter_is_of_its_shop(shop: Shop, postgres: psycopg.Connection) -> None:
    (other,) = rows(postgres, "SELECT id FROM tenants WHERE id <> %s LIMIT 1", shop.id) or [(NO_TENANT,)]
    (dead_letter,) = rows(
        postgres,
        """
        INSERT INTO dead_letters (id, tenant_id, feed, topic, "partition", "offset", headers, committed_at, parked,
            event_type, error, reason, pattern, cause, attempts, first_failed_at, last_failed_at, state)
        VALUES (gen_random_uuid(), %s, 'sales', gen_random_uuid()::text, 0, 0, '[]', now(), false, 'order.paid', 'E',
            'r', 'r', 'c', 1, now(), now(), 'open') RETURNING id
        """,
        shop.id,
    )

    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="dead_letter_actions_same_tenant"):
        postgres.execute(
            "INSERT INTO dead_letter_actions (dead_letter_id, tenant_id, action, actor_id, at, correlation_id, detail)"
            " VALUES (%s, %s, 'edited', 'a', now(), 'c', '{}')",
            (*dead_letter, *other),
        )


def test_no_role_goes_around_the_wall(settings: Settings, postgres: psycopg.Connection) -> None:
    """FORCE does not stop who may bypass it: nobody who answers requests may."""
    found = rows(
        postgres,
        "SELECT rolname, rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = ANY (%s)",
        list(ROLES),
    )

    assert {name for name, *_ in found} == set(ROLES)
    assert not [name for name, *may in found if any(may)]
    for duty in database_roles.GROUPS:
        with psycopg.connect(database_roles.url_of(settings, duty)) as connection:
            assert database_roles.too_much(connection, duty) == [], duty


def test_nothing_runs_as_its_owner_on_the_way(postgres: psycopg.Connection) -> None:
    """Views and functions with the rights of who made them would see what the caller must not."""
    definers = rows(
        postgres,
        "SELECT proname, proconfig FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace",
    )
    views = rows(
        postgres,
        "SELECT relname, reloptions FROM pg_class"
        " WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace",
    )
    truncates = rows(
        postgres,
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        " AND has_table_privilege('rustok_app', oid, 'TRUNCATE, REFERENCES, TRIGGER')",
    )

    assert [(name, config) for name, config in definers] == [("current_epoch", ["search_path=public"])]
    assert [name for name, options in views if "security_invoker=true" not in (options or ())] == []
    assert truncates == []


@pytest.fixture
def index_of(postgres: psycopg.Connection) -> Callable[[str], list[Any]]:
    return lambda table: rows(postgres, "SELECT indexdef FROM pg_indexes WHERE tablename = %s", table)


def test_what_a_policy_asks_for_leads_an_index(owned: set[str], index_of: Callable[[str], list[Any]]) -> None:
    """So that the wall costs a shop no walk over the rows of all others. Nobody asks the outbox."""
    for table in owned - {"outbox", "dead_letter_actions"}:
        assert any(re.search(r"\((tenant_id)[,)]", text) for (text,) in index_of(table)), table
