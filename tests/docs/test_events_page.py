"""The page of events describes headers, rows and versions as they are."""

import re
from typing import Final

from schemas.outbox_row import HEADERS
from tests.docs.pages import ROOT, first_cells
from tests.schemas.evolving.trees import SAMPLE

PAGE: Final = ROOT / "docs" / "events.md"


def test_every_header_is_there_in_its_order_with_its_column() -> None:
    page = PAGE.read_text()

    assert first_cells(PAGE, "## The headers of a record") == [header for header, _ in HEADERS]
    assert [(header, column) for header, column in HEADERS if f"| `{header}` | `{column}` |" not in page] == []


def test_the_worked_example_is_code_that_works() -> None:
    """That of the sample, with which every tool is tested."""
    steps = re.findall(r"^   ```python\n(.*?)^   ```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)

    assert len(steps) == 3
    for step in steps:
        left = iter(_words((SAMPLE / "order.py").read_text()))
        assert [line for line in _words(step) if line not in left] == []


def test_the_row_that_is_shown_is_one_of_ours() -> None:
    (row,) = re.findall(r"^```python\n(AGGREGATE = .*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)

    assert row in (ROOT / "schemas" / "events" / "category.py").read_text()


def _words(code: str) -> list[str]:
    """Its lines; a docstring's first one is the same whether another follows or not."""
    return [line.strip(' "') for line in code.splitlines() if line.strip()]
