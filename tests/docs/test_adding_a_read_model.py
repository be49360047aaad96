"""Adding a read model takes what README.md says and nothing else, tried in a copy of the project."""

import json
import re
from pathlib import Path
from textwrap import dedent

import pytest

from ops.demo.shop_client import Shop
from sinks.opensearch.opensearch_client import OpenSearchStore
from tests.docs.pages import ROOT
from tests.support.copies import Copy
from tests.support.shops import open_shop
from tests.support.stack import Stack
from tests.support.upgraded import ended
from tests.support.waiting import wait_until

ROW = r"^\| add a read model \| (?P<how>.*) \|$"
MOST_FILES = 3

MODEL, LIST, TEST = "sinks/search/category_menu.py", "sinks/read_models.py", "tests/sinks/search/test_category_menu.py"
FILES = {
    MODEL: '''
        """Folds the newest event of a category into what a menu shows of it."""

        from collections.abc import Mapping
        from typing import Any, Final

        from schemas.envelope import Envelope
        from schemas.events.category import CategoryDeleted, CategoryEvent
        from schemas.topics import CATEGORIES
        from sinks.read_model import Projection, ReadModel
        from sinks.sink import DocumentChange
        from sinks.stores import InOpenSearch

        FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {"menu": {"names": {"type": "keyword"}}}


        def menu_entry(envelope: Envelope, event: CategoryEvent) -> DocumentChange:
            category, gone = event.category, isinstance(event, CategoryDeleted)
            return DocumentChange(
                collection="menu",
                tenant_id=envelope.tenant_id,
                id=category.id,
                version=envelope.order,
                document=None if gone else {"names": [text.name for text in category.translations]},
            )


        MODEL: Final = ReadModel(
            name="category-menu",
            version=1,
            projections=(Projection(topic=CATEGORIES, aggregate="category", collection="menu", fold=menu_entry),),
            store=InOpenSearch(FIELDS),
        )
    ''',
    TEST: """
        from schemas.topics import CATEGORIES
        from sinks.search.category_menu import MODEL


        def test_a_menu_is_made_of_categories():
            assert MODEL.topics == (CATEGORIES,)
    """,
}
LISTED = (
    ("from sinks.search import page_documents", "from sinks.search import category_menu, page_documents"),
    ("    event_archive.MODEL,\n", "    event_archive.MODEL,\n    category_menu.MODEL,\n"),
)
#: What knows of read models, or would be wrong with one that nobody has told it of.
CHECKS = (
    "tests/sinks/test_read_models.py",
    "tests/sinks/test_golden_models.py",
    "tests/sinks/search/test_category_menu.py",
    "tests/ops/test_feeds.py",
    "tests/ops/test_topology.py",
    "tests/ops/chaos/test_kill_schedule.py",
    "tests/docs/test_settings_page.py",
    "tests/docs/test_operating_page.py",
    "tests/docs/test_events_page.py",
)
SHOW_PROCESSES = """
from ops.processes import all_processes
from ops.settings import Settings
for process in all_processes():
    print(process.name, *process.command, process.port(Settings(feed={"category_menu": {"metrics_port": 7}})))
"""


def how() -> str:
    """What README.md says is to be done."""
    (row,) = re.finditer(ROW, (ROOT / "README.md").read_text(), flags=re.MULTILINE)
    return row["how"]


def commands() -> list[list[str]]:
    return [command.split()[1:] for command in re.findall(r"`(rustok [^`]*)`", how())]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The project as it is, in a repository of its own, with one read model more."""
    made = Copy.whole(tmp_path_factory.mktemp("copy"))
    made.commit()
    for path, text in FILES.items():
        (made.folder / path).write_text(dedent(text).lstrip())
    for old, new in LISTED:
        made.edit(LIST, old, new)
    return made


@pytest.fixture(scope="module")
def by_hand(copy: Copy) -> set[str]:
    """The files that were touched before anything was rendered; the rest of what README.md says is done now."""
    touched = set(copy.touched())
    for command in commands():
        copy.rustok(*command)
    return touched


@pytest.fixture(scope="module")
def finished(copy: Copy, by_hand: set[str]) -> Copy:
    return copy


def test_it_takes_at_most_three_files_which_readme_names(by_hand: set[str]) -> None:
    named = re.findall(r"`([a-z_/]+\.py)`", how())

    assert by_hand == {MODEL, LIST, TEST}
    assert len(by_hand) <= MOST_FILES
    assert named == [LIST]
    assert "a file in `sinks/`" in how()


def test_nothing_else_has_to_be_told_of_it(finished: Copy) -> None:
    checked = finished.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow", *CHECKS)
    layers = finished.run("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")

    assert checked.returncode == 0, checked.stdout
    assert layers.returncode == 0, layers.stdout


def test_everybody_knows_of_it(finished: Copy) -> None:
    listed = json.loads(finished.rustok("sinks", "list", "--json").stdout)
    processes = finished.run("-c", SHOW_PROCESSES)

    assert [(one["name"], one["topics"]) for one in listed][-1] == ("category-menu", ["rustok.category"])
    assert "feed-category-menu streams feed category-menu 7" in processes.stdout.splitlines()
    assert "`RUSTOK_FEED__CATEGORY_MENU__BATCH`" in (finished.folder / "docs/settings.md").read_text()
    assert "[streams, feed, category-menu]" in (finished.folder / "ops/compose.yaml").read_text()


@pytest.mark.chain
def test_it_is_fed_vouched_for_and_verified(finished: Copy, stack: Stack, tmp_path: Path) -> None:
    copy, shop = Copy.of(finished.folder, stack.environment), open_shop(stack)
    category(shop, "Bread")

    try:
        with ended(copy.started("streams", "feed", "category-menu", log=tmp_path / "feed.log")):
            wait_until(lambda: model_of(copy)["as_of"], 60, "somebody vouches for it")
            category(shop, "Cake")
            found = wait_until(lambda: right(copy), 30, "it is what the tables say")
    finally:
        OpenSearchStore(stack.settings.opensearch).drop_index("rustok-category-menu-menu-v1")

    assert found["checked"] >= len(("Bread", "Cake"))


def category(shop: Shop, name: str) -> None:
    shop.post("/v1/categories", {"translations": [{"locale": "en", "name": name}]})


def model_of(copy: Copy) -> dict[str, object]:
    told = json.loads(copy.rustok("status", "--json", check=False).stdout)
    return next(model for model in told["read_models"] if model["name"] == "category-menu")


def right(copy: Copy) -> dict[str, int] | None:
    done = copy.rustok("sinks", "verify", "category-menu", "--json", check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None
