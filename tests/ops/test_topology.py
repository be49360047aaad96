"""One table says what runs; the compose file and the alerts have to agree with it."""

import re
from pathlib import Path

import pytest
from yaml import safe_load

from ops import metrics, rendered_parts
from ops.feeds import all_feeds
from ops.processes import PREPARATIONS, SERVERS, all_processes
from ops.rendered_parts import Part
from ops.settings import Settings

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
    assert commands == {part.name: part.command for part in (*PREPARATIONS, *all_processes())}


@pytest.mark.parametrize("part", rendered_parts.PARTS, ids=lambda part: part.file.name)
def test_what_follows_from_the_code_is_as_it_would_be_rendered(part: Part) -> None:
    text = part.file.read_text()

    assert text == part.rendered(text), "run `rustok dev render` and commit what it writes"


def test_docker_publishes_nothing_but_the_api_and_only_here() -> None:
    published = {name: service for name, service in services().items() if "ports:" in service}

    assert published.keys() == {"api"}
    assert "- 127.0.0.1:8080:8080\n" in published["api"]


def test_what_docker_keeps_of_each_service_s_log_is_bounded() -> None:
    composed = safe_load((OPS / "compose.yaml").read_text())["services"]

    assert composed.keys() == services().keys()
    kept = [service["logging"]["options"] for service in composed.values()]
    assert kept == [{"max-size": "20m", "max-file": "3"}] * len(composed)


def test_alerts_ask_for_metrics_that_exist() -> None:
    known = {next(iter(metric.describe())).name for metric in metrics.all_metrics()}
    counters = {f"{name}_total" for name in known}

    asked = set(re.findall(r"rustok_[a-z_]+", (OPS / "alerts.yaml").read_text()))

    assert asked <= known | counters


def test_every_feed_has_its_process_and_its_page_of_metrics() -> None:
    settings = Settings(feed={"sales": {"metrics_port": 7}})

    processes = {process.read_model: process.port(settings) for process in all_processes() if process.read_model}

    assert processes == {feed.name: feed.as_set(settings).metrics_port for feed in all_feeds()}
    assert processes["sales"] == 7
