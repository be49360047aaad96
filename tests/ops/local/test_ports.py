"""Ports: a taken one is named, with the setting and what to do; free ones are found and kept."""

import socket
from pathlib import Path

import pytest

from ops.failure import Failure
from ops.local import ports
from ops.settings import Settings


def test_a_taken_port_is_named_with_its_setting_and_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(Failure) as told:
            ports.check({"kafka_port": port})

    assert str(port) in told.value.what
    assert "RUSTOK_KAFKA_PORT" in told.value.remedy
    assert "--free-ports" in told.value.remedy


def test_a_port_that_only_a_connection_holds_is_no_other_programs() -> None:
    with socket.socket() as listener, socket.socket() as going_out:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        going_out.bind(("127.0.0.1", 0))
        going_out.connect(listener.getsockname())
        port = going_out.getsockname()[1]

        with pytest.raises(Failure, match=f"Port {port} is held by a connection") as refused:
            ports.check({"kafka_port": port})

    assert "Try again in a minute, set RUSTOK_KAFKA_PORT to a free port" in refused.value.remedy


def test_the_port_of_somebody_elses_server_is_not_looked_for(tmp_path: Path) -> None:
    found = ports.find_free(Settings(home=tmp_path, stack="main"))

    assert "api_port" in found
    assert "smtp_port" not in found


def test_free_ports_are_all_different(tmp_path: Path) -> None:
    found = ports.find_free(Settings(home=tmp_path))

    assert {"postgres_port", "kafka_port", "opensearch_port", "api_port"} <= found.keys()
    assert len(set(found.values())) == len(found)


def test_a_free_port_is_none_that_an_outgoing_connection_could_take() -> None:
    first_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])

    assert max(ports.unused(500)) < max(first_outgoing, 32_768)


def test_as_many_ports_as_asked_for_are_drawn_and_none_twice() -> None:
    assert len(set(ports.unused(5_000))) == 5_000


def test_ports_that_were_found_are_read_by_the_next_settings(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.folder.root.mkdir(parents=True)
    settings.folder.env_file.write_text("RUSTOK_LOG_LEVEL=debug\nRUSTOK_KAFKA_PORT=1\n")

    ports.write(settings, {"kafka_port": 4711})

    again = Settings(home=tmp_path)
    assert (again.kafka_port, again.log_level) == (4711, "debug")


def test_ports_of_a_stack_stay_the_same_while_they_are_free(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.folder.root.mkdir(parents=True)
    ports.write(settings, ports.find_free(settings))
    first = Settings(home=tmp_path)

    assert ports.find_free(first)["kafka_port"] == first.kafka_port
