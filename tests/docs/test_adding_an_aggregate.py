"""README says how an aggregate with one route is added. This does so in a copy of the project, and the route works."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from confluent_kafka import Consumer, TopicPartition

from ops import process_health
from ops.commands.test import steps
from ops.home import project_root
from ops.local.supervisor import Supervisor
from ops.settings import Settings
from tests.support.copies import Copy
from tests.support.instances import process_named
from tests.support.shops import open_shop
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(400)]

EXAMPLE: Final = project_root() / "tests" / "support" / "brand"
MOST_FILES: Final = 8
ROW: Final = "| add an aggregate with one route |"
#: What is added to files that are there.
EDITS: Final = (
    ("api/store/view.py", "    categories,\n    collections,\n", "    brands,\n    categories,\n    collections,\n"),
    (
        "api/store/view.py",
        "from api.store.carts import CartRows\n",
        "from api.store.brands import BrandRows\nfrom api.store.carts import CartRows\n",
    ),
    ("api/store/view.py", "    payments.TABLE,\n", "    payments.TABLE,\n    brands.TABLE,\n"),
    (
        "api/store/view.py",
        "        self.categories = CategoryRows(connection, tenant_id)\n",
        "        self.brands = BrandRows(connection, tenant_id)\n"
        "        self.categories = CategoryRows(connection, tenant_id)\n",
    ),
    (
        "api/domain/permissions.py",
        '    Role.ADMIN: (\n        _grant("categories", "manage"),\n',
        '    Role.ADMIN: (\n        _grant("brands", "create"),\n        _grant("categories", "manage"),\n',
    ),
    (
        "api/http/commerce.py",
        "from api.http.routes.carts import carts\n",
        "from api.http.routes.brands import brands\nfrom api.http.routes.carts import carts\n",
    ),
    ("api/http/commerce.py", "    categories,\n    products,\n", "    brands,\n    categories,\n    products,\n"),
)
PROCESSES: Final = ("api", "capture")
#: Of all checks those that need no tests; and the tests that hold lists and pages against the code.
CHECKS: Final = ("format", "lint", "types", "layers", "contracts")
TESTS: Final = (
    "tests/docs/test_events_page.py",
    "tests/docs/test_http_api_page.py",
    "tests/docs/test_pages.py",
    "tests/schemas/test_avro_schema.py",
    "tests/schemas/evolving/test_golden_files.py",
    "tests/schemas/evolving/test_class_rules.py",
    "tests/api/domain",
    "tests/api/http/test_openapi.py",
    "tests/api/store",
    "tests/sinks/test_golden_models.py",
    "tests/streams/contracts/test_event_facts.py",
    "tests/ops/debezium",
)


@pytest.fixture(scope="module")
def copy(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The project, where somebody has done what README's row says, by hand."""
    also = {"RUSTOK_STACK": f"{servers.settings.stack}-brand", "RUSTOK_OPENSEARCH_URL": servers.settings.opensearch_url}
    copy = Copy.whole(tmp_path_factory.mktemp("brand"), {**servers.environment, **also, "RUSTOK_API_WORKERS": "1"})
    copy.commit()
    newest = newest_revision(copy.folder / "api/migrations/versions")
    for file in EXAMPLE.rglob("*.txt"):
        (copy.folder / file.relative_to(EXAMPLE).with_suffix("")).write_text(file.read_text())
    copy.edit("api/migrations/versions/r0999_brands.py", "the newest before it", newest)
    for path, old, new in EDITS:
        copy.edit(path, old, new)
    return copy


@pytest.fixture(scope="module")
def by_hand(copy: Copy) -> list[str]:
    return copy.touched()


@pytest.fixture(scope="module")
def finished(copy: Copy, by_hand: list[str]) -> Copy:
    """And has run the commands that the row names."""
    for command in re.findall(r"`rustok ([^`]+)`", row()):
        copy.rustok(*shlex.split(command))
    return copy


def test_at_most_eight_files_are_touched_and_the_row_names_them_all(by_hand: list[str]) -> None:
    named = [pattern_of(path) for path in re.findall(r"`([^` ]+\.py)`", row())]

    assert len(by_hand) <= MOST_FILES
    assert [path for path in by_hand if not any(pattern.fullmatch(path) for pattern in named)] == []
    assert [pattern.pattern for pattern in named if not any(pattern.fullmatch(path) for path in by_hand)] == []


def test_nothing_is_missing_then(finished: Copy) -> None:
    """A ninth file that had to be touched would turn one of these red."""
    if (cache := project_root() / ".mypy_cache").exists():
        shutil.copytree(cache, finished.folder / ".mypy_cache")
    named = {step.name: step for step in steps("", TESTS)}

    said = [outcome(finished, named[name].command) for name in (*CHECKS, "unit tests")]

    assert [each for each in said if each] == []


def test_topics_events_and_permissions_know_it(finished: Copy) -> None:
    catalogue = (finished.folder / "docs" / "event-catalogue.md").read_text()
    calls = (finished.folder / "docs" / "http-api.md").read_text()
    listed = json.loads(finished.rustok("schemas", "list", "--json").stdout)

    assert {row["event"] for row in listed if row["topic"] == "rustok.brand"} == {"brand.created", "brand.deleted"}
    assert "| `rustok.brand` | 1 | newest of each key | brands |" in catalogue
    assert re.search(r"^\| `motto` \| .* \| what it says of itself \|$", catalogue, re.MULTILINE)
    assert "| `brand` | Brand | the brand after the change |" in catalogue
    assert "| `POST /v1/brands` | `brands:create` | Make a brand |" in calls


def test_its_route_works_its_event_is_in_kafka_and_can_be_emitted_again(finished: Copy) -> None:
    with running(finished) as stack:
        shop = open_shop(stack)
        made = shop.post("/v1/brands", {"name": "Verde", "motto": "Peeled and chopped."})
        first = wait_until(lambda: records(stack.settings, 1), 60, "the event is in Kafka")
        emitted = json.loads(finished.rustok("streams", "re-emit", "brand", "--json").stdout)
        both = wait_until(lambda: records(stack.settings, 2), 60, "the event is there again")
        shop.close()

    assert (made["name"], made["version"]) == ("Verde", 1)
    assert (emitted["emitted"], emitted["finished"]) == (1, True)
    assert [headers["ce_type"] for headers in both] == ["brand.created", "brand.created"]
    assert [headers["ce_aggregateid"] for headers in both] == [made["id"], made["id"]]
    assert [headers["ce_actorid"] for headers in both] == [first[0]["ce_actorid"], "rustok:re-emit"]


def row() -> str:
    return next(line for line in (project_root() / "README.md").read_text().splitlines() if line.startswith(ROW))


def pattern_of(path: str) -> re.Pattern[str]:
    """`<aggregate>` is any name."""
    return re.compile(r"\w+".join(map(re.escape, re.split(r"<\w+>", path))))


def newest_revision(versions: Path) -> str:
    """The one that no other follows."""
    texts = [file.read_text() for file in versions.glob("r*.py")]
    revisions, before = (
        {found for text in texts for found in re.findall(rf'^{name} = "(\w+)"', text, re.MULTILINE)}
        for name in ("revision", "down_revision")
    )
    (newest,) = revisions - before
    return newest


def outcome(copy: Copy, command: tuple[str, ...]) -> str:
    """Nothing when it is green."""
    done = subprocess.run(command, cwd=copy.folder, env=dict(copy.environment), capture_output=True, text=True)
    return "" if done.returncode == 0 else f"{shlex.join(command)}\n{done.stdout}{done.stderr}"


@contextmanager
def running(copy: Copy) -> Iterator[Stack]:
    """PostgreSQL, Kafka, the API and capture, with the code of the copy."""
    settings = Settings(stack=copy.environment["RUSTOK_STACK"])
    copy.rustok("down", "--delete-data")
    try:
        copy.rustok("up", "--servers-only", "--free-ports")
        copy.rustok("api", "migrate")
        copy.rustok("streams", "topics")
        settings = Settings(stack=settings.stack)
        supervisor = Supervisor(settings.folder)
        supervisor.start_programs(PROCESSES)
        for name in PROCESSES:
            wait_until(partial(process_health.works, process_named(name), settings), 60, f"{name} works")
        yield Stack(settings)
    finally:
        copy.rustok("down", "--delete-data", check=False)


def records(settings: Settings, number: int) -> list[dict[str, str]] | None:
    """The headers of all records about brands, when there are so many."""
    consumer = Consumer({"bootstrap.servers": settings.kafka_bootstrap, "group.id": "brands"})
    try:
        consumer.assign([TopicPartition("rustok.brand", 0, 0)])
        found = [message for message in consumer.consume(number, timeout=2) if message.error() is None]
    finally:
        consumer.close()
    if len(found) < number:
        return None
    return [{name: value.decode() for name, value in message.headers() if value} for message in found]
