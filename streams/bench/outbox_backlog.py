"""Fills the outbox with the backlog that is drained: one event in each transaction, behind a slot."""

from typing import Final

from streams.bench.scratch_world import Scratch

#: 320 bytes that compress about as Avro does: half of them text that repeats, half ids.
FILL: Final = """
CREATE PROCEDURE fill(amount int, aggregate_type text) LANGUAGE plpgsql AS $$
DECLARE payloads bytea[];
BEGIN
    SELECT array_agg(
        decode(md5(n::text) || md5('a' || n) || md5('b' || n) || md5('c' || n) || md5('d' || n), 'hex')
        || convert_to(rpad('{"title":"Tomato soup ' || n || '","department":"GROCERY"}', 240, 'ab '), 'utf8')
    ) INTO payloads FROM generate_series(1, 1000) n;
    FOR n IN 1..amount LOOP
        INSERT INTO outbox (
            id, aggregatetype, aggregateid, type, payload, ce_specversion, ce_source, ce_time, tenant_id,
            aggregate_version, correlation_id, causation_id, actor_id, schema_version, traceparent)
        VALUES (gen_random_uuid(), aggregate_type, gen_random_uuid()::text, 'order.placed', payloads[1 + n % 1000],
            '1.0', 'rustok', '2026-01-02T01:04:05.678901Z', '0197a0c4-6e5f-7c3a-9b0e-2f4d5c6b7a81',
            '1', gen_random_uuid()::text, gen_random_uuid()::text, 'importer', '1',
            '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01');
        COMMIT;
    END LOOP;
END $$
"""


def base_slot(world: Scratch) -> str:
    """The slot before the backlog; it is copied, never read."""
    return f"{world.name}_base"


def fill(world: Scratch, events: int) -> str:
    """Makes the backlog; gives the position of its end."""
    with world.connect() as connection:
        connection.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (base_slot(world),))
        connection.execute(FILL)
        connection.execute("SET synchronous_commit = off")
        connection.execute("CALL fill(%s, %s)", (events, world.aggregate_type))
        connection.execute("CHECKPOINT")
        row = connection.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone()
        return str(row[0]) if row else ""
