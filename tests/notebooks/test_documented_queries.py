"""Each query of the analysts' pages is run as it stands there, with pandas, and in a laptop's time zone."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest

from ops.home import project_root
from sinks.analytics import event_archive, sales_facts, search_facts
from sinks.duckdb import snapshots
from tests.support.executed_notebooks import publish_a_winter
from tests.support.sound_snapshots import SHOP

PAGES: Final = {
    "analytics": sales_facts.MODEL,
    "event-archive": event_archive.MODEL,
    "search-signals": search_facts.MODEL,
}
A_SHOP: Final = "01a20c39-9687-703d-b384-1fd81392bbff"


def documented() -> Iterator[Any]:
    for page in PAGES:
        text = (project_root() / "docs" / f"{page}.md").read_text()
        for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL):
            for number, statement in enumerate(filter(str.strip, block.split(";"))):
                yield pytest.param(page, statement, id=f"{page}-{statement.split()[1]}-{number}")


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("analytics")
    publish_a_winter(folder)
    current = {page: snapshots.current(folder / model.id) for page, model in PAGES.items()}
    return {page: one.path for page, one in current.items() if one is not None}


@pytest.mark.parametrize(("page", "statement"), list(documented()))
def test_a_documented_query_gives_whole_minor_units_and_the_same_wherever_the_analyst_sits(
    paths: dict[str, Path], page: str, statement: str
) -> None:
    statement = statement.replace(A_SHOP, str(SHOP))
    found = []
    for zone in ("UTC", "Asia/Tokyo", "America/Los_Angeles"):
        with duckdb.connect(paths[page], read_only=True) as analyst:
            analyst.execute(f"SET TimeZone = '{zone}'")
            frame = analyst.sql(statement).df()
        money = [column for column in frame if column.endswith("_minor") or column in ("gross", "undone", "net")]
        assert [column for column in money if frame[column].dtype.kind == "f"] == []
        found.append(sorted(map(str, frame.to_dict("records"))))

    assert found[0] == found[1] == found[2]
