"""The chains over the audit trail: unbroken whoever writes and chains at once; what is done to one is named."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest

from api.audit_anchors import TOPIC
from api.domain.audit import AuditEntry
from api.jobs import chain_audit
from api.store import schema_ids
from api.store.store import Store
from api.use_cases.audit.verify_audit import Anchors, Verdict, anchors_of, verify
from ops.clients import database_roles, kafka
from ops.settings import Settings
from schemas.event_codec import Decoder
from tests.integration.api.shops import Shop
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers


def entry(chain_id: UUID, actor: str = "anna") -> AuditEntry:
    return AuditEntry(
        id=uuid4(),
        tenant_id=chain_id,
        about=None,
        at=datetime.now(UTC),
        actor_id=actor,
        role="admin",
        act="roles:create",
        object="\u00e9\ud7ff\U0001f9c0",
        outcome="done",
        reason="because",
        address="2001:db8::1",
        request_id=uuid4(),
        correlation_id="c",
        detail={"times": 2**53 - 1, "call": 'a "call"'},
    )


@dataclass
class Chain:
    """One that is a test's own."""

    id: UUID
    store: Store
    settings: Settings
    postgres: psycopg.Connection

    def write(self, number: int = 1) -> list[AuditEntry]:
        entries = [entry(self.id) for _ in range(number)]
        for one in entries:
            self.store.record([one])
        return entries

    def give_places(self) -> int:
        with database_roles.connect(self.settings, "scheduler") as connection:
            return chain_audit.chain_all(connection, batch=7)

    def chained(self, number: int) -> None:
        """Until all of them have their place: others' transactions may keep them waiting."""
        wait_until(lambda: self.give_places() >= 0 and self.verdict().chained == number, 30, "all have their place")

    def anchors(self) -> Anchors:
        """As they left for Kafka."""
        rows = self.postgres.execute(
            "SELECT payload FROM outbox WHERE aggregatetype = 'audit' AND tenant_id = %s ORDER BY id", (str(self.id),)
        ).fetchall()
        decoder = Decoder(self)
        return anchors_of(decoder.decode(bytes(payload)).audit for (payload,) in rows)

    def text_of(self, schema_id: int) -> str | None:
        return schema_ids.content_of(self.postgres, schema_id)

    def verdict(self, anchors: Anchors | None = None) -> Verdict:
        with self.postgres.transaction():
            (found,) = verify(self.postgres, anchors or {}, self.id)
        return found

    @contextmanager
    def unguarded(self) -> Iterator[psycopg.Connection]:
        """As somebody who owns the tables and wants to change what was."""
        with self.postgres.transaction():
            for table in ("audit", "audit_chain"):
                self.postgres.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            yield self.postgres
            for table in ("audit", "audit_chain"):
                self.postgres.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
                self.postgres.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER only_grows")

    def named(self) -> list[int]:
        return [broken.seq for broken in self.verdict(self.anchors()).broken]


@pytest.fixture
def chain(store: Store, settings: Settings, postgres: psycopg.Connection) -> Chain:
    return Chain(uuid4(), store, settings, postgres)


@pytest.fixture
def ten(chain: Chain) -> Chain:
    chain.write(10)
    chain.chained(10)
    return chain


def test_fifty_at_once_and_two_who_chain_make_one_unbroken_chain(chain: Chain) -> None:
    done = threading.Event()

    def keep_chaining() -> None:
        while not done.is_set():
            chain.give_places()

    with ThreadPoolExecutor(52) as threads:
        chaining = [threads.submit(keep_chaining) for _ in range(2)]
        for writing in [threads.submit(chain.write, 4) for _ in range(50)]:
            writing.result()
        done.set()
        for one in chaining:
            one.result()
    chain.chained(200)

    verdict = chain.verdict(chain.anchors())
    seqs = chain.postgres.execute("SELECT seq FROM audit_chain WHERE tenant_id = %s ORDER BY seq", (chain.id,))
    assert [seq for (seq,) in seqs] == list(range(1, 201))
    assert (verdict.is_whole, verdict.waiting) == (True, 0)
    assert verdict.anchored > 0


def test_a_row_waits_for_a_transaction_that_began_before(chain: Chain, postgres: psycopg.Connection) -> None:
    with psycopg.connect(chain.settings.postgres_url) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        chain.write()
        chain.give_places()
        meanwhile = chain.verdict()
    chain.chained(1)

    assert (meanwhile.chained, meanwhile.waiting, meanwhile.is_whole) == (0, 1, True)


def test_a_row_from_another_servers_dump_gets_its_place(chain: Chain, postgres: psycopg.Connection) -> None:
    chain.write()
    postgres.execute("UPDATE audit_unchained SET xid = '9000000000000' WHERE chain = %s", (chain.id,))

    chain.chained(1)

    assert chain.verdict().is_whole


def test_a_chain_is_whole_and_its_last_place_is_anchored(ten: Chain) -> None:
    verdict = ten.verdict(ten.anchors())

    assert (verdict.is_whole, verdict.chained, verdict.waiting) == (True, 10, 0)
    assert max(ten.anchors()[ten.id]) == 10
    ten.give_places()
    assert len(ten.anchors()[ten.id]) == verdict.anchored, "nothing new: nothing is anchored"


@pytest.mark.parametrize(
    ("statement", "first"),
    [
        ("UPDATE audit SET actor_id = 'bert' WHERE id = (%(at)s)", 4),
        ("UPDATE audit SET at = at + interval '1 microsecond' WHERE id = (%(at)s)", 4),
        ("DELETE FROM audit WHERE id = (%(at)s)", 4),
        ("DELETE FROM audit_chain WHERE entry_id = (%(at)s)", 4),
        ("DELETE FROM audit_chain WHERE tenant_id = %(chain)s AND seq > 6", 7),
        ("UPDATE audit_chain SET hash = sha256(hash) WHERE tenant_id = %(chain)s AND seq = 4", 4),
        (
            "UPDATE audit a SET at = b.at, request_id = b.request_id FROM audit b, audit_chain mine, audit_chain other"
            " WHERE mine.tenant_id = %(chain)s AND other.tenant_id = %(chain)s AND mine.seq IN (4, 9)"
            " AND other.seq = 13 - mine.seq AND a.id = mine.entry_id AND b.id = other.entry_id",
            4,
        ),
    ],
)
def test_what_was_done_to_it_is_named(ten: Chain, statement: str, first: int) -> None:
    at = ten.postgres.execute("SELECT entry_id FROM audit_chain WHERE tenant_id = %s AND seq = 4", (ten.id,)).fetchone()
    assert at is not None
    with ten.unguarded() as owner:
        owner.execute(statement.replace("(%(at)s)", "%(at)s"), {"at": at[0], "chain": ten.id})

    assert ten.named()[0] == first


def test_a_row_that_was_put_in_past_the_triggers_is_named(ten: Chain) -> None:
    false = entry(ten.id)
    with ten.unguarded():
        ten.postgres.execute(
            "INSERT INTO audit SELECT tenant_id, %s, about, at, 'bert', role, act, object, outcome, reason, address,"
            " request_id, correlation_id, detail FROM audit WHERE tenant_id = %s LIMIT 1",
            (false.id, ten.id),
        )

    assert ten.verdict(ten.anchors()).outside == (false.id,)


def test_a_chain_that_was_made_anew_is_named(ten: Chain) -> None:
    anchors = ten.anchors()
    with ten.unguarded() as owner:
        owner.execute("UPDATE audit SET actor_id = 'bert' WHERE tenant_id = %s", (ten.id,))
        owner.execute("DELETE FROM audit_chain WHERE tenant_id = %s", (ten.id,))
        owner.execute(
            "INSERT INTO audit_unchained (chain, id) SELECT tenant_id, id FROM audit WHERE tenant_id = %s", (ten.id,)
        )
    ten.chained(10)

    assert ten.verdict().is_whole
    assert [broken.seq for broken in ten.verdict(anchors).broken] == sorted(anchors[ten.id])


def test_a_chain_that_is_gone_altogether_is_named(ten: Chain) -> None:
    anchors = ten.anchors()
    with ten.unguarded() as owner:
        owner.execute("DELETE FROM audit_chain WHERE tenant_id = %s", (ten.id,))
        owner.execute("DELETE FROM audit WHERE tenant_id = %s", (ten.id,))

    with ten.postgres.transaction():
        found = {one.chain_id: one for one in verify(ten.postgres, anchors)}
    assert [broken.seq for broken in found[ten.id].broken] == [1]


def test_the_command_names_what_kafka_knows_better(chain: Chain, servers: Stack, shop: Shop) -> None:
    """Capture does not run here: the test carries the anchors."""
    servers.rustok("streams", "topics")
    own, slug = replace(chain, id=shop.id), shop.tenant["slug"]
    for number in range(3):
        shop.post("/v1/roles", {"name": f"clerk {number}", "grants": []})
    own.chained(3)
    producer = kafka.producer(servers.settings.kafka, {})
    for (payload,) in own.postgres.execute(
        "SELECT payload FROM outbox WHERE aggregatetype = 'audit' AND tenant_id = %s", (str(own.id),)
    ).fetchall():
        producer.produce(TOPIC.name, value=bytes(payload), key=uuid4().bytes)
    producer.produce(TOPIC.name, value=b"nothing of ours", key=uuid4().bytes)
    assert producer.flush(20) == 0

    whole = servers.rustok("api", "audit", "verify", "--tenant", slug)
    with own.unguarded() as owner:
        owner.execute("DELETE FROM audit_chain WHERE tenant_id = %s AND seq > 1", (own.id,))
        owner.execute(
            "DELETE FROM audit WHERE tenant_id = %s AND object <> '' AND id NOT IN"
            " (SELECT entry_id FROM audit_chain WHERE tenant_id = %s)",
            (own.id, own.id),
        )
    cut = servers.rustok("api", "audit", "verify", "--tenant", slug, check=False)
    alone = servers.rustok("api", "audit", "verify", "--tenant", slug, "--without-anchors", "--json", check=False)

    assert whole.stdout.startswith(f"✓ {own.id}  3 rows chained, 0 wait"), whole.stdout
    assert "nothing of ours" in whole.stderr
    assert (cut.returncode, "seq 2: it is missing, and all up to 3" in cut.stdout) == (1, True), cut.stdout
    assert (alone.returncode, json.loads(alone.stdout)[0]["whole"]) == (0, True)
