"""`impact` says what is broken, where what it would compare says nothing."""

import json
import os
from pathlib import Path

import pytest

from tests.support.copies import Copy

EVENT = "product.updated"
EVENTS = "schemas/events/product.py"
PRODUCT = "    product: Product\n"


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    copy = Copy.made(tmp_path, os.environ)
    copy.commit()
    return copy


def test_an_event_that_was_changed_in_place_is_not_compared(copy: Copy) -> None:
    before, cls, newest = (copy.folder / EVENTS).read_text().partition("\nclass ProductUpdated:\n")
    (copy.folder / EVENTS).write_text(
        before + cls + newest.replace(PRODUCT, f"{PRODUCT}    shelf_note: str | None\n", 1)
    )

    done = copy.rustok("schemas", "impact", EVENT, check=False)
    other = copy.rustok("schemas", "impact", "product.deleted", "--against", "main", "--generated", "1")

    assert done.returncode == 1
    assert "published-changed" in done.stdout
    assert f"fix   rustok schemas new-version {EVENT}" in done.stdout
    assert "documents compared" not in done.stdout
    assert "1 documents compared, 0 would be different" in other.stdout


def test_an_upcast_that_misses_a_field_is_named(copy: Copy) -> None:
    copy.new_version(EVENT, "shelf_note: str", '""')
    copy.edit(EVENTS, 'shelf_note="", ', "")

    done = copy.rustok("schemas", "impact", EVENT, "--json", check=False)

    told = {each["rule"]: each for each in json.loads(done.stdout)["violations"]}
    assert done.returncode == 1
    assert "ProductUpdated.from_previous: TypeError" in told["golden-unreadable"]["what"]
    assert "'shelf_note'" in told["golden-unreadable"]["what"]
    assert "mend ProductUpdated.from_previous" in told["golden-unreadable"]["fix"]
