"""One table says what runs; the compose file and the alerts have to agree with it."""

import re
from pathlib import Path

from ops import metrics
from ops.processes import PREPARATIONS, PROCESSES, SERVERS
from ops.settings import Settings
from streams.topology import PIPELINE

OPS = Path(metrics.__file__).parent


def services() -> dict[str, str]:
    """The services of the compose file, each with its lines."""
    block = (OPS / "compose.yaml").read_text().partition("\nservices:\n")[2].partition("\nvolumes:\n")[0]
    parts = re.split(r"^  ([a-z-]+):$", block, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def command(service: str) -> tuple[str, ...]:
    found = re.search(r"^    command: \[(.*)\]$", service, flags=re.MULTILINE)
    return tuple(found[1].split(", ")) if found else ()


def test_docker_users_get_the_same_servers_steps_and_processes() -> None:
    commands = {name: command(service) for name, service in services().items() if name not in SERVERS}

    assert set(SERVERS) <= services().keys()
    assert commands == {part.name: part.command for part in (*PREPARATIONS, *PROCESSES)}


def test_docker_publishes_nothing_but_the_api_and_only_here() -> None:
    published = {name: service for name, service in services().items() if "ports:" in service}

    assert published.keys() == {"api"}
    assert "- 127.0.0.1:8080:8080\n" in published["api"]


def test_alerts_ask_for_metrics_that_exist() -> None:
    known = {next(iter(metric.describe())).name for metric in metrics.all_metrics()}
    counters = {f"{name}_total" for name in known}

    asked = set(re.findall(r"rustok_[a-z_]+", (OPS / "alerts.yaml").read_text()))

    assert asked <= known | counters


def test_every_feed_of_the_pipeline_has_its_process_and_its_page_of_metrics() -> None:
    settings = Settings()

    processes = {process.read_model: process.port(settings) for process in PROCESSES if process.read_model}

    assert processes == {feed.name: feed.metrics_port(settings) for feed in PIPELINE}
