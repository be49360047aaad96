"""Dead letters that are decided, sessions and mailed links go when they are old; the young and the open ones stay."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from api.jobs import prune_dead_letters, prune_sessions
from api.wsgi import now
from ops.settings import Settings
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers

Letter = Callable[..., UUID]


@pytest.fixture
def letter(shop: Shop, postgres: psycopg.Connection) -> Letter:
    """Puts a dead letter of the shop into the table: of this state, which failed so many days ago."""

    def put(state: str, *, days: float, touched_days: float | None = None) -> UUID:
        id_, at = uuid4(), now() - timedelta(days=days)
        postgres.execute(
            'INSERT INTO dead_letters (id, tenant_id, feed, topic, partition, "offset", headers, committed_at, parked,'
            " event_type, error, reason, pattern, cause, attempts, first_failed_at, last_failed_at, state)"
            " VALUES (%s, %s, %s, 't', 0, 0, '[]', %s, false, 'order.paid', 'E', 'r', 'r', 'c', 1, %s, %s, %s)",
            (id_, shop.id, f"feed-{id_}", at, at, at, state),
        )
        if touched_days is not None:
            touch(postgres, shop, id_, now() - timedelta(days=touched_days))
        return id_

    return put


def touch(postgres: psycopg.Connection, shop: Shop, id_: UUID | None, at: datetime) -> None:
    postgres.execute(
        "INSERT INTO dead_letter_actions (dead_letter_id, tenant_id, action, actor_id, at, correlation_id, detail)"
        " VALUES (%s, %s, 'discarded', 'anna', %s, '', '{}')",
        (id_, shop.id, at),
    )


def kept(postgres: psycopg.Connection, shop: Shop, table: str, column: str) -> set[Any]:
    rows = postgres.execute(f"SELECT {column} FROM {table} WHERE tenant_id = %s", (shop.id,)).fetchall()
    return {value for (value,) in rows}


def user_of(shop: Shop, postgres: psycopg.Connection) -> UUID:
    id_ = uuid4()
    postgres.execute(
        "INSERT INTO users (tenant_id, id, version, email, name, role, status, verified)"
        " VALUES (%s, %s, 1, %s, 'Anna', 'customer', 'active', true)",
        (shop.id, id_, f"{id_}@shop.example"),
    )
    return id_


def sign_in(postgres: psycopg.Connection, shop: Shop, user: UUID, *, ended_days: float) -> UUID:
    id_, ends = uuid4(), now() - timedelta(days=ended_days)
    postgres.execute(
        "INSERT INTO sessions (tenant_id, id, user_id, client, opened_at, used_at, ends_at)"
        " VALUES (%s, %s, %s, '', %s, %s, %s)",
        (shop.id, id_, user, ends - timedelta(days=30), ends - timedelta(days=30), ends),
    )
    postgres.execute(
        "INSERT INTO refresh_tokens (tenant_id, hash, session_id) VALUES (%s, sha256(%s), %s)",
        (shop.id, id_.bytes, id_),
    )
    return id_


def mail(postgres: psycopg.Connection, shop: Shop, user: UUID, purpose: str, *, ended_days: float) -> None:
    postgres.execute(
        "INSERT INTO user_links (tenant_id, hash, user_id, purpose, ends_at) VALUES (%s, sha256(%s), %s, %s, %s)",
        (shop.id, uuid4().bytes, user, purpose, now() - timedelta(days=ended_days)),
    )


def test_decided_dead_letters_go_when_they_are_old_and_all_others_stay(
    shop: Shop, postgres: psycopg.Connection, letter: Letter
) -> None:
    for state in ("applied", "discarded"):
        for _ in range(3):
            letter(state, days=91, touched_days=91)
    stays = {letter(state, days=500) for state in ("open", "replayed")}
    stays |= {letter(state, days=89) for state in ("applied", "discarded")}

    prune_dead_letters.prune(postgres, now() - timedelta(days=90), batch=2)

    assert kept(postgres, shop, "dead_letters", "id") == stays
    assert kept(postgres, shop, "dead_letter_actions", "dead_letter_id") == set()


def test_an_old_dead_letter_that_was_discarded_just_now_stays(
    shop: Shop, postgres: psycopg.Connection, letter: Letter
) -> None:
    just_now = letter("discarded", days=500, touched_days=1)

    prune_dead_letters.prune(postgres, now() - timedelta(days=90))

    assert kept(postgres, shop, "dead_letters", "id") == {just_now}
    assert kept(postgres, shop, "dead_letter_actions", "dead_letter_id") == {just_now}


def test_what_was_done_about_many_dead_letters_at_once_goes_when_it_is_old(
    shop: Shop, postgres: psycopg.Connection
) -> None:
    young = now() - timedelta(days=89)
    for at in (now() - timedelta(days=91), now() - timedelta(days=92), young):
        touch(postgres, shop, None, at)

    prune_dead_letters.prune(postgres, now() - timedelta(days=90), batch=1)

    assert kept(postgres, shop, "dead_letter_actions", "at") == {young}


def test_the_scheduler_keeps_decided_dead_letters_for_as_long_as_it_is_set(
    shop: Shop, postgres: psycopg.Connection, letter: Letter, settings: Settings
) -> None:
    letter("applied", days=settings.dead_letters_keep_days + 1)
    young = letter("applied", days=settings.dead_letters_keep_days - 1)

    prune_dead_letters.JOB.turn(settings)

    assert kept(postgres, shop, "dead_letters", "id") == {young}
    (oldest,) = postgres.execute(
        "SELECT min(last_failed_at) FROM dead_letters d WHERE state IN ('applied', 'discarded')"
        " AND NOT EXISTS (SELECT FROM dead_letter_actions a WHERE a.dead_letter_id = d.id)"
    ).fetchone() or (None,)
    assert oldest > now() - timedelta(days=settings.dead_letters_keep_days)


def test_dead_letters_are_kept_for_ever_when_that_is_set(settings: Settings) -> None:
    assert prune_dead_letters.JOB.every_s(settings) > 0
    assert prune_dead_letters.JOB.every_s(settings.model_copy(update={"dead_letters_keep_days": 0})) == 0


def test_sessions_and_links_go_some_days_after_their_end_also_of_who_never_comes_back(
    shop: Shop, postgres: psycopg.Connection, settings: Settings
) -> None:
    user = user_of(shop, postgres)
    for days in (8, 9, 400):
        sign_in(postgres, shop, user, ended_days=days)
    stays = {sign_in(postgres, shop, user, ended_days=days) for days in (6, -1, -30)}
    mail(postgres, shop, user, "password", ended_days=8)
    mail(postgres, shop, user, "verification", ended_days=6)

    prune_sessions.JOB.turn(settings)

    assert kept(postgres, shop, "sessions", "id") == stays
    assert kept(postgres, shop, "refresh_tokens", "session_id") == stays
    assert kept(postgres, shop, "user_links", "purpose") == {"verification"}
    for table in ("sessions", "user_links"):
        (oldest,) = postgres.execute(f"SELECT min(ends_at) FROM {table}").fetchone() or (None,)
        assert oldest > now() - timedelta(days=settings.session_keep_days, minutes=5)


def test_two_schedulers_that_prune_at_once_remove_each_row_once(
    shop: Shop, postgres: psycopg.Connection, letter: Letter, settings: Settings
) -> None:
    user = user_of(shop, postgres)
    for _ in range(40):
        letter("applied", days=200, touched_days=200)
        sign_in(postgres, shop, user, ended_days=200)
    before = now() - timedelta(days=90)

    def prune_both(_: int) -> tuple[int, int]:
        with psycopg.connect(settings.postgres_url, autocommit=True) as own:
            return prune_dead_letters.prune(own, before, batch=3), prune_sessions.prune(own, before, batch=3)

    with ThreadPoolExecutor(4) as threads:
        removed = list(threads.map(prune_both, range(4)))
    prune_both(0)  # one may have left off where the other was at it

    assert sum(letters for letters, _ in removed) <= 40
    assert kept(postgres, shop, "dead_letters", "id") == set()
    assert kept(postgres, shop, "dead_letter_actions", "dead_letter_id") == set()
    assert kept(postgres, shop, "sessions", "id") == set()


@pytest.mark.parametrize(
    ("index", "query"),
    [
        (
            "dead_letters_decided",
            "SELECT id FROM dead_letters WHERE state IN ('applied', 'discarded') AND last_failed_at < now()"
            " ORDER BY last_failed_at LIMIT 5000",
        ),
        (
            "dead_letter_actions_of_many",
            "SELECT ctid FROM dead_letter_actions WHERE dead_letter_id IS NULL AND at < now() ORDER BY at LIMIT 5000",
        ),
        ("sessions_end", "SELECT ctid FROM sessions WHERE ends_at < now() ORDER BY ends_at LIMIT 5000"),
        ("user_links_end", "SELECT ctid FROM user_links WHERE ends_at < now() ORDER BY ends_at LIMIT 5000"),
    ],
)
def test_what_is_old_is_found_by_an_index(postgres: psycopg.Connection, index: str, query: str) -> None:
    with postgres.transaction():
        postgres.execute("SET LOCAL enable_seqscan = off")
        postgres.execute("SET LOCAL enable_sort = off")
        plan = postgres.execute(f"EXPLAIN {query}").fetchall()

    assert index in str(plan)
