"""What capture cannot work with is said in a sentence, and nothing is carried."""

import socket

import pytest

from streams.bench.scratch_world import Scratch
from tests.integration.capture.outbox import DEADLINE_S, Capture, capturing, insert, launched, row

pytestmark = pytest.mark.servers


def _refusal(capture: Capture) -> tuple[int, str]:
    """Its exit code and what it said."""
    _, said = capture.process.communicate(timeout=DEADLINE_S)
    return capture.process.returncode, said.decode()


def _what_it_waits_for(capture: Capture) -> str:
    """What somebody has to put right; it shows that on its page of metrics and looks again."""
    said = capture.wait_until_logged("capture_cannot_run")
    assert capture.process.poll() is None
    return str(said["reason"])


def test_a_missing_publication(world: Scratch) -> None:
    with world.connect() as connection:
        connection.execute(f"DROP PUBLICATION {world.publication}".encode())

    with launched(world) as capture:
        said = _what_it_waits_for(capture)

    assert f"publication {world.publication}" in said
    assert "rustok api migrate" in said


def test_a_publication_that_is_put_right_is_read_without_a_restart(world: Scratch) -> None:
    with world.connect() as connection:
        connection.execute(f"ALTER PUBLICATION {world.publication} SET (publish = 'insert, update')".encode())
        with launched(world) as capture:
            capture.wait_until_logged("capture_cannot_run")
            connection.execute(f"ALTER PUBLICATION {world.publication} SET (publish = 'insert')".encode())
            capture.wait_until_logged("capture_started")


@pytest.mark.parametrize(
    "change",
    [
        "ALTER PUBLICATION {publication} SET (publish = 'insert, update')",
        "ALTER PUBLICATION {publication} SET TABLE outbox WHERE (aggregateid = 'a')",
        "CREATE TABLE besides (n int); ALTER PUBLICATION {publication} ADD TABLE besides",
    ],
)
def test_a_publication_of_anything_but_all_inserts_of_the_outbox(world: Scratch, change: str) -> None:
    with world.connect() as connection:
        connection.execute(change.format(publication=world.publication).encode())

    with launched(world) as capture:
        assert "exactly the inserts" in _what_it_waits_for(capture)


def test_a_publication_that_is_dropped_while_capture_runs(world: Scratch) -> None:
    with capturing(world) as capture, world.connect() as connection:
        connection.execute(f"DROP PUBLICATION {world.publication}".encode())
        code, said = _refusal(capture)

    assert (code, "exactly the inserts" in said) == (2, True)


def test_a_slot_of_another_plugin(world: Scratch) -> None:
    with world.connect() as connection:
        connection.execute("SELECT pg_create_logical_replication_slot(%s, 'test_decoding')", (f"{world.name}_slot",))

    with launched(world) as capture:
        assert "RUSTOK_CAPTURE_SLOT" in _what_it_waits_for(capture)


def test_an_event_for_a_topic_that_does_not_exist(world: Scratch) -> None:
    with capturing(world) as capture, world.connect() as connection:
        insert(connection, [row(world, "a", aggregatetype="nowhere")])
        code, said = _refusal(capture)

    assert code == 2
    assert "rustok.nowhere" in said
    assert "rustok streams topics" in said


def test_an_event_larger_than_kafka_takes(world: Scratch) -> None:
    written = row(world, "a", payload=b"\1" * (9 * 1024 * 1024))

    with capturing(world) as capture, world.connect() as connection:
        insert(connection, [written])
        code, said = _refusal(capture)

    assert code == 2
    assert str(written.id) in said


def test_a_metrics_port_that_is_taken(world: Scratch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with launched(world, capture_metrics_port=port) as capture:
            code, said = _refusal(capture)

    assert code == 2
    assert f"Port {port} is taken" in said


def test_a_kafka_that_does_not_answer_may_answer_later(world: Scratch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        bootstrap = f"127.0.0.1:{mute.getsockname()[1]}"
        with launched(world, kafka_bootstrap=bootstrap) as capture:
            code, said = _refusal(capture)

    assert code == 1
    assert "Kafka does not answer" in said
