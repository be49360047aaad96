"""Events change, and no test of anything else has to: what they test is a sample, or asks the catalogue of events.

Here they change as the pages say they do, with all that these tell a maintainer to do, in a copy of the project.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.schemas.evolving.trees import ROOT, explained
from tests.support.copies import Copy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

LEFT_OUT = (".git", ".venv", ".rustok", ".hypothesis", ".*_cache", "__pycache__", "node_modules")
ORDERS = "schemas/events/order.py"
NEW = '''
@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLookedAt:
    """Somebody did."""

    order: Order

'''


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    shutil.copytree(ROOT, tmp_path / "copy", ignore=shutil.ignore_patterns(*LEFT_OUT))
    made = Copy.of(tmp_path / "copy")
    made.commit()
    return made


def a_class_inside_events_gets_a_field(copy: Copy) -> None:
    copy.rustok("schemas", "new-version", "--changing", "Order", "--why", "somebody asks where it came from")
    copy.add_field(ORDERS, "Order", "sales_channel: str | None", "None")
    copy.edit(*explained("sales_channel"))
    everywhere(copy, "Order", "sales_channel=None")


def an_event_gets_a_field_that_must_be_there(copy: Copy) -> None:
    copy.new_version("product.updated", "was_by_hand: bool", "False")
    copy.edit(*explained("was_by_hand"))
    everywhere(copy, "ProductUpdated", "was_by_hand=True")


def an_event_is_new(copy: Copy) -> None:
    copy.edit(ORDERS, "\nHISTORIES = (\n", f'{NEW}\nHISTORIES = (\n    History("order.looked_at", (OrderLookedAt,)),\n')
    copy.edit(ORDERS, "\nOrderEvent = ", "\nOrderEvent = OrderLookedAt | ")


@pytest.mark.parametrize(
    "change", [a_class_inside_events_gets_a_field, an_event_gets_a_field_that_must_be_there, an_event_is_new]
)
def test_when_an_event_changes_no_other_test_has_to(copy, change):
    change(copy)
    for command in ("render", "doc", "check", "lint"):
        copy.rustok("schemas", command)
    copy.commit()

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "not servers and not chain and not slow"],
        cwd=copy.folder,
        env=dict(copy.environment),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )

    assert done.returncode == 0, done.stdout


def everywhere(copy: Copy, cls: str, argument: str) -> None:
    """Where one is made, it is made with the new field."""
    for file in [
        each for room in ("api", "streams", "sinks", "ops", "tests") for each in (copy.folder / room).rglob("*.py")
    ]:
        text = file.read_text()
        made = re.sub(rf"(?<![\w\"'])(?<!class ){cls}\((?!\")", f"{cls}({argument}, ", text)
        if made != text:
            file.write_text(made)
